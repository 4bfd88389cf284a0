/** A volatile message whose handler takes its time holds back what is behind it, and says nothing wrong about it. */
import { describe, expect, test } from 'vitest'
import { batch } from './client.ts'
import { Door } from './list.ts'
import { startSite } from './site.ts'

describe('behind a slow volatile message', () => {
  async function setup() {
    const { hub, client } = await startSite()
    const door = new Door()
    const seen: unknown[] = []
    hub.onMessage((data) => {
      seen.push(data)
      return data === 'slow' ? door.opened : undefined
    })
    const alice = client()
    const socket = await alice.socket()
    socket.send({ volatile: [['slow']] })
    return { alice, socket, seen, door }
  }

  test('a batch is acknowledged as received, and handled later', async () => {
    const { alice, socket, seen, door } = await setup()
    socket.send({ batch: batch(1, 'a') })
    expect((await socket.packets.find(({ ack }) => ack?.[0] === 1)).ack).toEqual([1, 0, 0])
    expect((await alice.send(2, 'b')).packet.ack).toEqual([2, 0, 0])
    expect(seen).toEqual(['slow'])
    door.open()
    await socket.accepted(2)
    expect(seen).toEqual(['slow', 'a', 'b'])
  })

  test('a batch with a gap before it is not taken, and not acknowledged', async () => {
    const { socket, seen, door } = await setup()
    socket.send({ batch: batch(5, 'e') })
    expect(await socket.packets.find(({ gap }) => gap === 1)).toMatchObject({ ack: [0, 0, 0] })
    expect(socket.packets.items.every(({ ack = [0] }) => ack[0] === 0)).toBe(true)
    socket.send({ batch: batch(1, 'a') })
    door.open()
    await socket.accepted(1)
    expect(seen).toEqual(['slow', 'a'])
  })
})
