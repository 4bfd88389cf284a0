import { describe, expect, test } from 'vitest'
import { message } from '../store.ts'
import { start } from './start.ts'

describe('causes', () => {
  test('messages of a handler are not appended again when it runs again', async () => {
    const world = await start()
    const [a, b] = [await world.openSession('a'), await world.openSession('b')]
    const run = async (): Promise<void> => {
      for (let counter = 1; counter <= 2; counter++) {
        await world.store.append([{ session: counter === 1 ? a : b }], message(counter), {
          sessionId: a,
          number: 1,
          counter,
        })
      }
    }
    await run()
    await run()
    await world.store.append([{ session: b }], message(3), { sessionId: a, number: 1, counter: 3 })
    await world.store.append([{ session: b }], message(4), { sessionId: a, number: 2, counter: 1 })
    await world.store.append([{ session: b }], message('late'), {
      sessionId: a,
      number: 1,
      counter: 4,
    })
    expect([await world.log(a), await world.log(b)]).toEqual([[1], [2, 3, 4]])
  })

  test('a message is refused while one before it, of the same handler, is missing', async () => {
    const world = await start()
    const id = await world.openSession('a')
    const send = async (number: number, counter: number): Promise<unknown> =>
      world.store.append([{ session: id }], message(`${number}.${counter}`), {
        sessionId: id,
        number,
        counter,
      })
    await expect(send(1, 2)).rejects.toThrow('has failed')
    await send(1, 1)
    await expect(send(1, 3)).rejects.toThrow('has failed')
    await send(1, 2)
    await expect(send(2, 2)).rejects.toThrow('has failed')
    await send(2, 1)
    expect(await world.log(id)).toEqual(['1.1', '1.2', '2.1'])
  })

  test('causes of one session do not shadow those of another; a cause of an unknown session is appended', async () => {
    const world = await start()
    const [a, b] = [await world.openSession('a'), await world.openSession('b')]
    await world.store.append([{ session: a }], message('from a'), {
      sessionId: a,
      number: 1,
      counter: 1,
    })
    await world.store.append([{ session: a }], message('from b'), {
      sessionId: b,
      number: 1,
      counter: 1,
    })
    await world.store.append([{ session: a }], message('from nobody'), {
      sessionId: 'gone',
      number: 1,
      counter: 1,
    })
    expect(await world.log(a)).toEqual(['from a', 'from b', 'from nobody'])
  })
})
