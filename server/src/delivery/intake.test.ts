import { describe, expect, test, vi } from 'vitest'
import { messages, part, setupIntake } from '../../test/handler-queue.ts'
import { Door } from '../../test/list.ts'
import { refused } from '../../test/refused.ts'
import { slowStore } from '../../test/slow-store.ts'
import { TestStore } from '../../test/store.ts'
import { Intake, type IncomingBatch, type ReceivedPart } from './intake.ts'

const TEXT = 'x'.repeat(998)
const GAP = { handled: 'gap' }

const batch = (first: number, ...entries: IncomingBatch['entries']): IncomingBatch => ({
  first,
  entries,
})

/** A part of bytes, likewise. */
const bytesPart = (size: number, from: number, to: number): ReceivedPart => ({
  recipients: undefined,
  data: Uint8Array.from({ length: size }, (_, i) => i).subarray(from, to),
  offset: from,
  size,
})

function setup(options: Parameters<typeof setupIntake>[0] = {}) {
  const world = setupIntake(options)
  return Object.assign(world, { id: world.store.openSession('key') })
}

describe('a message in parts', () => {
  test('is handled once, with its last part', () => {
    const { intake, store, ran, id } = setup()
    intake.take(id, batch(1, part(TEXT, 0, 400)), 1)
    intake.take(id, batch(1, part(TEXT, 400, 800)), 1)
    expect(ran).toEqual([])
    expect(store.read(id, 0, 0)).toMatchObject({
      acceptedUpTo: 0,
      partProgress: { number: 1, length: 800 },
    })
    intake.take(id, batch(1, part(TEXT, 800, 1_000)), 1)
    expect(ran).toEqual([TEXT])
    expect(store.read(id, 0, 0)).toMatchObject({ acceptedUpTo: 1, partProgress: undefined })
    for (const [from, to] of [
      [0, 400],
      [800, 1_000],
    ]) {
      intake.take(id, batch(1, part(TEXT, from!, to!)), 1)
    }
    expect(ran).toEqual([TEXT])
  })

  test('may be cut anew: what is there of it is left out', () => {
    const { intake, ran, id } = setup()
    for (const [from, to] of [
      [0, 300],
      [200, 500],
      [0, 600],
      [100, 200],
      [590, 1_000],
    ]) {
      intake.take(id, batch(1, part(TEXT, from!, to!)), 1)
    }
    expect(ran).toEqual([TEXT])
  })

  test('of bytes is put together as bytes', () => {
    const { intake, ran, id } = setup()
    intake.take(id, batch(1, bytesPart(1_000, 0, 600)), 1)
    intake.take(id, batch(1, bytesPart(1_000, 500, 1_000)), 1)
    expect(ran).toEqual([Uint8Array.from({ length: 1_000 }, (_, i) => i)])
  })

  test('is for the recipients of its first part', async () => {
    const world = setup()
    const { intake, id } = world
    const handle = vi.spyOn(world.handlers, 'handleMessage')
    intake.take(id, batch(1, { ...part(TEXT, 0, 400), recipients: ['alice'] }), 1)
    intake.take(id, batch(1, { ...part(TEXT, 400, 1_000), recipients: ['eve'] }), 1)
    expect(handle).toHaveBeenCalledTimes(1)
    expect(handle.mock.calls[0]![1]).toEqual({ data: TEXT, recipients: ['alice'] })
  })

  test('has its place between the others of its batches', () => {
    const { intake, ran, id } = setup()
    intake.take(id, batch(1, ...messages('a', 'b'), part(TEXT, 0, 400)), 1)
    intake.take(id, batch(3, part(TEXT, 400, 1_000), ...messages('d'), part('e', 0, 3)), 1)
    expect(ran).toEqual(['a', 'b', TEXT, 'd', 'e'])
  })

  test('is received before the handlers of those before it have settled, and handled behind them', async () => {
    const world = setup()
    const { intake, store, queue, ran, id } = world
    const door = new Door()
    world.handler = (data) => (data === 'slow' ? door.opened.then(() => undefined) : undefined)
    intake.take(id, batch(1, ...messages('slow')), 1)
    intake.take(id, batch(2, part(TEXT, 0, 400)), 1)
    expect(store.readParts(id, 2)).toMatchObject({ length: 400 })
    const { handled } = await intake.take(id, batch(2, part(TEXT, 400, 1_000)), 1)
    expect([ran, queue.receivedUpTo(id)]).toEqual([['slow'], 2])
    // What comes again meanwhile waits for it.
    const again = await intake.take(id, batch(2, part(TEXT, 0, 400)), 1)
    const whole = await intake.take(id, batch(2, part(TEXT, 400, 1_000), ...messages('next')), 1)
    door.open()
    await Promise.all([handled, again.handled, whole.handled])
    expect(ran).toEqual(['slow', TEXT, 'next'])
  })

  test('counts all of its parts in the queue', async () => {
    const world = setup()
    const { intake, queue, id } = world
    const door = new Door()
    world.handler = () => door.opened.then(() => undefined)
    intake.take(id, batch(1, part(TEXT, 0, 400)), 450)
    expect(queue.waitingBytes(id)).toBe(0)
    const { handled } = await intake.take(id, batch(1, part(TEXT, 400, 1_000)), 650)
    expect(queue.waitingBytes(id)).toBe(650 + 400 + 64)
    door.open()
    await handled
  })
})

describe('a batch with parts', () => {
  test('behind a gap is not taken', async () => {
    const { intake, store, ran, id } = setup()
    expect(intake.take(id, batch(2, part(TEXT, 0, 400)), 1)).toEqual(GAP)
    expect(intake.take(id, batch(1, part(TEXT, 400, 1_000)), 1)).toEqual(GAP)
    expect(intake.take(id, batch(1, ...messages('a'), part(TEXT, 400, 800)), 1)).toEqual(GAP)
    expect(intake.take(id, batch(2, part('b', 0, 3)), 1)).toEqual(GAP)
    expect(store.readParts(id, 1)).toBeUndefined()
    expect(ran).toEqual([])
  })

  test.each([
    ['another size', { ...part(TEXT, 400, 800), size: 1_001 }],
    ['another size, and is the last', { ...part(TEXT, 400, 800), size: 800 }],
    ['another kind', bytesPart(1_000, 400, 800)],
    ['another kind, and is the last', bytesPart(1_000, 400, 1_000)],
  ])('one of which has %s is malformed, and none of it is taken', (_, wrong) => {
    const { intake, store, ran, id } = setup()
    intake.take(id, batch(1, part(TEXT, 0, 400)), 1)
    expect(refused(() => intake.take(id, batch(1, wrong), 1))).toBe('malformed')
    expect(refused(() => intake.take(id, batch(1, wrong, ...messages('b')), 1))).toBe('malformed')
    expect(ran).toEqual([])
    expect(store.readParts(id, 1)).toMatchObject({ length: 400 })
  })

  test.each([
    ['no JSON', '"a'.padEnd(400, 'x')],
    ['two texts', '1 '.padEnd(399) + '2'],
    ['nested too deep', '['.repeat(1_001) + ']'.repeat(1_001)],
  ])('whose whole is %s is malformed, and what was there stays', (_, text) => {
    const { intake, store, ran, id } = setup()
    const size = text.length
    const piece = (from: number, to: number): ReceivedPart => ({
      recipients: undefined,
      data: text.slice(from, to),
      offset: from,
      size,
    })
    intake.take(id, batch(1, piece(0, 200)), 1)
    const last = batch(1, piece(200, size), ...messages('b'))
    expect(refused(() => intake.take(id, last, 1))).toBe('malformed')
    expect(ran).toEqual([])
    expect(store.readParts(id, 1)).toMatchObject({ length: 200 })
  })

  test('whose whole is nested in 1,000 arrays is taken', () => {
    const { intake, ran, id } = setup()
    const deep = '['.repeat(1_000) + ']'.repeat(1_000)
    const entry = { recipients: undefined, data: deep, offset: 0, size: deep.length }
    intake.take(id, batch(1, entry), 1)
    expect(JSON.stringify(ran)).toBe(`[${deep}]`)
  })

  test('whose whole is larger than maxMessage is refused; escapes do not count', () => {
    const { intake, ran, id } = setup({ maxMessage: 300 })
    const control = '\u0001'.repeat(300)
    intake.take(id, batch(1, part(control, 0, 1_000)), 1)
    intake.take(id, batch(1, part(control, 1_000, 1_802)), 1)
    expect(ran).toEqual([control])
    const large = 'é'.repeat(151)
    expect(refused(() => intake.take(id, batch(2, part(large, 0, 153)), 1))).toBe('too-large')
    const list = ['\u0001'.repeat(50)]
    expect(refused(() => intake.take(id, batch(2, part(list, 0, 304)), 1))).toBe('too-large')
    expect(ran).toEqual([control])
  })

  test('of a session that is gone is ignored', async () => {
    const { intake, ran } = setup()
    for (const entry of [part(TEXT, 0, 400), part(TEXT, 400, 1_000)]) {
      expect(await intake.take('gone', batch(1, entry), 1)).toEqual({ handled: undefined })
    }
    expect(ran).toEqual([])
  })
})

describe('two nodes with one store', () => {
  test('put a message together whose parts come to both', () => {
    const store = new TestStore()
    const id = store.openSession('key')
    const [one, two] = ['one', 'two'].map((nodeName) => setupIntake({ store, nodeName }))
    one!.intake.take(id, batch(1, part(TEXT, 0, 400)), 1)
    two!.intake.take(id, batch(1, part(TEXT, 400, 800)), 1)
    one!.intake.take(id, batch(1, part(TEXT, 800, 1_000)), 1)
    two!.intake.take(id, batch(1, part(TEXT, 800, 1_000)), 1)
    expect([one!.ran, two!.ran]).toEqual([[TEXT], []])
  })

  test('lose nothing when the one dies that has the last part', async () => {
    const store = new TestStore()
    const id = store.openSession('key')
    const [dead, other] = ['dead', 'other'].map((nodeName) => setupIntake({ store, nodeName }))
    dead!.handler = () => new Promise(() => {})
    dead!.intake.take(id, batch(1, part(TEXT, 0, 400)), 1)
    dead!.intake.take(id, batch(1, part(TEXT, 400, 1_000)), 1)
    store.clock.pass(5_000)
    expect(store.read(id, 0, 0)).toMatchObject({ partProgress: { number: 1, length: 400 } })
    await other!.intake.take(id, batch(1, part(TEXT, 400, 1_000)), 1)
    expect([dead!.ran, other!.ran]).toEqual([[TEXT], [TEXT]])
    expect(store.read(id, 0, 0)).toMatchObject({ acceptedUpTo: 1 })
  })
})

describe('a store that answers later', () => {
  const setupSlow = () => {
    const world = setup()
    return { ...world, intake: new Intake(slowStore(world.store), world.queue, 10_000) }
  }

  test('is asked for one batch of a session after the other, whole ones behind parts, too', async () => {
    const { intake, ran, id } = setupSlow()
    const receipts = await Promise.all([
      intake.take(id, batch(1, part(TEXT, 0, 400)), 1),
      intake.take(id, batch(1, part(TEXT, 400, 800)), 1),
      intake.take(id, batch(1, part(TEXT, 800, 1_000), ...messages('b')), 1),
      intake.take(id, batch(3, ...messages('c')), 1),
    ])
    expect(await Promise.all(receipts.map(({ handled }) => handled))).toEqual(
      receipts.map(() => undefined),
    )
    expect(ran).toEqual([TEXT, 'b', 'c'])
  })

  test('a store that fails fails the batch, and not those behind it', async () => {
    const { store, queue, ran, id } = setup()
    const slow = slowStore(store)
    const intake = new Intake(slow, queue, 10_000)
    vi.spyOn(store, 'addPart').mockImplementationOnce(() => {
      throw new Error('no store')
    })
    const failed = intake.take(id, batch(1, part(TEXT, 0, 400)), 1)
    const next = intake.take(id, batch(1, ...messages('a')), 1)
    await expect(failed).rejects.toThrow('no store')
    await next
    expect(ran).toEqual(['a'])
  })
})
