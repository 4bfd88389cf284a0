import { runInNewContext } from 'node:vm'
import fc from 'fast-check'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import * as old from './engine.es5.ts'
import * as current from './engine.ts'

const text = fc
  .array(fc.oneof(fc.integer({ min: 0x20, max: 0x7e }), fc.integer({ min: 0xd7f0, max: 0xe00f })))
  .map((units) => String.fromCharCode(...units))

test('an engine that leaves lone surrogates alone writes the same JSON', () => {
  const stringify = JSON.stringify
  // What JSON.stringify did before ECMAScript 2019.
  vi.spyOn(JSON, 'stringify').mockImplementation((value: unknown) =>
    stringify(value).replace(/\\u(d[89a-f][0-9a-f]{2})/g, (_, hex: string) =>
      String.fromCharCode(parseInt(hex, 16)),
    ),
  )
  onTestFinished(() => void vi.restoreAllMocks())
  fc.assert(
    fc.property(text, (value) => {
      expect(old.stringify([value])).toBe(stringify([value]))
    }),
  )
})

test.each([
  ['this', current.isBrowser, ['document']],
  ['an old', old.isBrowser, ['document', 'crypto']],
])('%s engine says where it lacks what we need', (_, isBrowser, needs) => {
  onTestFinished(() => void vi.unstubAllGlobals())
  vi.stubGlobal('document', {})
  expect(isBrowser()).toBe(true)
  for (const name of needs) {
    vi.stubGlobal('document', {})
    vi.stubGlobal(name, undefined)
    expect(isBrowser()).toBe(false)
  }
})

test.each([
  ['this', current.enqueueTask],
  ['an old', old.enqueueTask],
])('%s engine runs a task after all that runs now', async (_, enqueueTask) => {
  const order: string[] = []
  const ran = new Promise<void>((resolve) => {
    enqueueTask(() => {
      order.push('enqueueTask')
      resolve()
    })
  })
  order.push('now')
  await ran
  expect(order).toEqual(['now', 'enqueueTask'])
})

test.each([
  ['this', current.isView],
  ['an old', old.isView],
])('%s engine knows a view of bytes when it sees one', (_, isView) => {
  const foreign = runInNewContext('new Uint8Array(1)') as unknown
  const views = [new Uint8Array(1), new Float64Array(0), new DataView(new ArrayBuffer(1)), foreign]
  const others = [new ArrayBuffer(1), [1], 'text', { buffer: 1 }, 0, null, undefined]
  expect(views.map(isView)).toEqual([true, true, true, true])
  expect(others.map(isView)).toEqual(others.map(() => false))
})

describe.each([
  ['this', current.callAsync],
  ['an old', old.callAsync],
])('%s engine', (_, callAsync) => {
  const outcome = (work: () => unknown): Promise<unknown> =>
    new Promise((resolve) => {
      callAsync(
        work,
        (value) => resolve(['done', value]),
        (error) => resolve(['failed', error]),
      )
    })

  test.each<[string, () => unknown, unknown[]]>([
    ['an answer', () => 'token', ['done', 'token']],
    ['a later answer', () => Promise.resolve('token'), ['done', 'token']],
    ['nothing', () => undefined, ['done', undefined]],
    ['a later error', () => Promise.reject(new Error('no')), ['failed', new Error('no')]],
  ])('passes on %s', async (_name, work, expected) => {
    expect(await outcome(work)).toEqual(expected)
  })

  test('passes on what is thrown', async () => {
    const throws = (): never => {
      throw new Error('no')
    }
    expect(await outcome(throws)).toEqual(['failed', new Error('no')])
  })

  test('does not call before the task that asks is over', async () => {
    let called = false
    const settled = outcome(() => (called = true))
    expect(called).toBe(false)
    await settled
    expect(called).toBe(true)
  })
})
