import { expect, test } from 'vitest'
import { TestStore } from '../../test/store.ts'

const END = { type: 'closed', reason: 'test', code: 4_000 } as const

test('endAll ends every session, once', () => {
  const store = new TestStore()
  const ids = ['a', 'b'].map((key) => store.openSession(key))
  expect(store.endAll(END).map(({ session }) => session.id)).toEqual(ids)
  expect(store.endAll(END)).toEqual([])
})
