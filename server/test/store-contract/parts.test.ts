import { BINARY } from 'rungs/protocol'
import { describe, expect, test } from 'vitest'
import { message, request } from '../store.ts'
import { start } from './start.ts'
import type { StoreWorld } from './world.ts'
import type { PartUp } from '../../src/store/store.ts'

/** A part of message 1 of 1,000 units, except for the fields given. */
const part = (offset: number, length: number, other: Partial<PartUp> = {}): PartUp => ({
  number: 1,
  first: 1,
  receivedUpTo: 0,
  peer: 0,
  kind: 0,
  size: 1_000,
  offset,
  data: 'x'.repeat(length),
  ...other,
})

async function handle(world: StoreWorld, id: string, number: number): Promise<void> {
  await world.store.claim(id, number, number, 'me')
  await world.store.complete(id, number, 'me')
}

describe('parts of a message up', () => {
  test('parts that follow each other are put behind each other, by whatever node they come', async () => {
    const world = await start()
    const other = await world.addNode()
    const id = await world.openSession('key', { readerTransport: 'sse' })
    await world.admitted(request('key', { sequence: 2, readerTransport: 'websocket' }), other)
    expect(await world.store.addPart(id, part(0, 300, { peer: ['alice'] }))).toEqual({
      length: 300,
    })
    expect(await world.store.addPart(id, part(300, 200, { peer: ['bob'] }))).toEqual({
      length: 500,
    })
    expect(await world.store.readParts(id, 1)).toMatchObject({
      peer: ['alice'],
      kind: 0,
      size: 1_000,
      length: 500,
      pieces: ['x'.repeat(300), 'x'.repeat(200)],
    })
    for (const node of [world.listener, other]) {
      expect((await world.calls(node)).slice(-2)).toEqual([
        ['part', id, 1, 300],
        ['part', id, 1, 500],
      ])
    }
  })

  test('say in admissions and backlogs how much there is', async () => {
    const world = await start()
    const id = await world.openSession('key')
    expect(await world.store.read(id, 0, 0)).toMatchObject({ partProgress: undefined })
    await world.store.addPart(id, part(0, 300))
    const partProgress = { number: 1, length: 300 }
    expect(await world.store.read(id, 0, 0)).toMatchObject({ partProgress })
    expect(await world.admitted(request('key', { sequence: 2 }))).toMatchObject({ partProgress })
  })

  test('parts that begin below the end of what is there are not taken, and the answer says where that is', async () => {
    const world = await start()
    const id = await world.openSession('key')
    await world.store.addPart(id, part(0, 300))
    for (const again of [part(0, 300), part(100, 300), part(0, 999)]) {
      expect(await world.store.addPart(id, again)).toEqual({ length: 300 })
    }
    expect(await world.store.readParts(id, 1)).toMatchObject({ length: 300 })
  })

  test('behind a gap are refused, and change nothing', async () => {
    const world = await start()
    const id = await world.openSession('key')
    expect(await world.store.addPart(id, part(300, 200))).toBe('gap')
    expect(await world.store.addPart(id, part(0, 300, { number: 2, first: 2 }))).toBe('gap')
    expect(await world.store.readParts(id, 1)).toBeUndefined()
    await world.store.addPart(id, part(0, 300))
    expect(await world.store.addPart(id, part(301, 200))).toBe('gap')
    expect(await world.store.readParts(id, 1)).toMatchObject({ length: 300 })
  })

  test('may follow messages that their node has received, or brings in the same batch', async () => {
    const world = await start()
    const id = await world.openSession('key')
    expect(
      await world.store.addPart(id, part(0, 300, { number: 4, first: 4, receivedUpTo: 3 })),
    ).toEqual({
      length: 300,
    })
    expect(await world.store.addPart(id, part(0, 300, { number: 5, first: 1 }))).toEqual({
      length: 300,
    })
    await handle(world, id, 1)
    expect(await world.store.addPart(id, part(0, 300, { number: 3, first: 2 }))).toEqual({
      length: 300,
    })
  })

  test('of another size or kind than the ones before are malformed, and change nothing', async () => {
    const world = await start()
    const id = await world.openSession('key')
    await world.store.addPart(id, part(0, 300))
    for (const other of [
      part(300, 200, { size: 1_001 }),
      part(0, 300, { size: 999 }),
      part(300, 200, { kind: BINARY, data: new Uint8Array(200) }),
    ]) {
      expect(await world.store.addPart(id, other)).toBe('malformed')
    }
    expect(await world.store.readParts(id, 1)).toMatchObject({ size: 1_000, kind: 0, length: 300 })
  })

  test('are kept until their message is completed', async () => {
    const world = await start()
    const id = await world.openSession('key')
    await world.store.addPart(id, part(0, 300))
    await world.store.claim(id, 1, 1, 'me')
    expect(await world.store.readParts(id, 1)).toMatchObject({ length: 300 })
    await world.store.complete(id, 1, 'me')
    expect(await world.store.readParts(id, 1)).toBe('completed')
    expect(await world.store.addPart(id, part(300, 200))).toBe('completed')
    expect(await world.store.read(id, 0, 0)).toMatchObject({
      acceptedUpTo: 1,
      partProgress: undefined,
    })
  })

  test('of another message take their place if they begin it', async () => {
    const world = await start()
    const id = await world.openSession('key')
    await world.store.addPart(id, part(0, 300))
    const next = { number: 2, first: 2, receivedUpTo: 1 }
    expect(await world.store.addPart(id, part(300, 200, next))).toBe('gap')
    expect(await world.store.addPart(id, part(0, 200, next))).toEqual({ length: 200 })
    expect(await world.store.readParts(id, 1)).toBeUndefined()
    // A node that had received the rest of the first message died: it is begun again.
    expect(await world.store.addPart(id, part(300, 200))).toBe('gap')
    expect(await world.store.addPart(id, part(0, 300))).toEqual({ length: 300 })
    expect(await world.store.readParts(id, 2)).toBeUndefined()
  })

  test('of a session that is gone are ignored', async () => {
    const world = await start()
    expect(await world.store.addPart('gone', part(0, 300))).toBe('gone')
    expect(await world.store.readParts('gone', 1)).toBe('gone')
  })
})

describe('the part of a message down that a client has', () => {
  /** A session with a message of 12 units as JSON, and what the store says to a position in it. */
  const setup = async () => {
    const world = await start()
    const id = await world.openSession('key')
    const send = async (): Promise<void> =>
      void (await world.store.append([{ session: id }], message('0123456789')))
    return { world, id, send }
  }

  test('may be as long as the message, and no longer', async () => {
    const { world, id, send } = await setup()
    await send()
    for (const partial of [0, 1, 12])
      expect(await world.store.acknowledge(id, [0, '', partial])).toBeUndefined()
    for (const partial of [13, 2 ** 53 - 1]) {
      expect((await world.store.acknowledge(id, [0, '', partial]))?.type).toBe('lost')
      expect(
        (await world.refused(request('key', { sequence: 2, position: [0, '', partial] }))).type,
      ).toBe('lost')
    }
  })

  test('is lost if there is no next message', async () => {
    const { world, id, send } = await setup()
    expect((await world.store.acknowledge(id, [0, '', 1]))?.type).toBe('lost')
    await send()
    expect((await world.store.acknowledge(id, await world.position(id, 1, 1)))?.type).toBe('lost')
    expect((await world.refused(request('new', { position: [0, '', 1] }))).type).toBe('lost')
  })

  test('is not looked at below the base', async () => {
    const { world, id, send } = await setup()
    await send()
    await send()
    await world.store.acknowledge(id, await world.position(id, 1))
    expect(await world.store.acknowledge(id, [0, '', 99])).toBeUndefined()
  })
})
