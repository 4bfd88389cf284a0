import { describe, expect, test } from 'vitest'
import { ack, HELLO, sessionUnderTest, up } from '../../test/support/session.ts'
import { BINARY, PART, type Entry } from '../protocol.ts'

describe('down', () => {
  test('messages arrive in order, with all that they carry', () => {
    const { session, entries } = sessionUnderTest()
    session.receive({ batch: [1, [['a'], ['b', 'peer', 2]]] }, 10)
    session.receive({ batch: [3, [['c']]] }, 10)
    expect(entries).toEqual([['a'], ['b', 'peer', 2], ['c']])
  })

  test('what is known already is dropped, whichever carrier brings it again', () => {
    const { session, got } = sessionUnderTest()
    session.receive({ batch: [1, [['a'], ['b']]] }, 10)
    session.receive({ batch: [1, [['a'], ['b'], ['c']]] }, 10)
    session.receive({ batch: [1, [['a']]] }, 10)
    session.receive({ batch: [3, [['c'], ['d']]] }, 10)
    expect(got).toEqual(['a', 'b', 'c', 'd'])
  })

  test('parts are one message, delivered with the last of them', () => {
    const { session, got, link } = sessionUnderTest()
    const json = JSON.stringify({ text: 'x'.repeat(300) })
    const part = (from: number, to: number): Entry =>
      [...[json.slice(from, to), 0, PART, from, json.length]] as Entry
    session.receive({ batch: [1, [['a'], part(0, 150)]] }, 10)
    expect([got, up(link().nextFrame() ?? link().attach().text).ack]).toEqual([['a'], [1, '', 150]])
    session.receive({ batch: [2, [part(150, json.length), ['b']]] }, 10)
    expect(got).toEqual(['a', { text: 'x'.repeat(300) }, 'b'])
    expect(up(link().attach().text).ack).toEqual([3, ''])
  })

  test('parts of two carriers are put together, wherever each has cut', () => {
    const { session, got } = sessionUnderTest()
    const bytes = Uint8Array.from({ length: 1_000 }, (_, i) => i)
    const part = (from: number, to: number): Entry =>
      [bytes.slice(from, to), 0, BINARY | PART, from, 1_000] as Entry
    for (const [from, to] of [
      [0, 400],
      [0, 300],
      [200, 700],
      [400, 600],
      [700, 1_000],
    ] as const) {
      session.receive({ batch: [1, [part(from, to)]] }, 10)
    }
    expect(got).toEqual([bytes])
  })

  test.each([
    ['of another size', ['x'.repeat(200), 0, PART, 200, 999]],
    ['of bytes in a text', [new Uint8Array(200), 0, BINARY | PART, 200, 1_000]],
    ['beyond its message', ['x'.repeat(900), 0, PART, 200, 1_000]],
    ['that is too short', ['x', 0, PART, 200, 1_000]],
    ['that is empty', ['', 0, PART, 200, 1_000]],
  ] as [string, Entry][])('a part %s breaks the protocol', (_, entry) => {
    const { session, lost } = sessionUnderTest()
    const first: Entry = ['x'.repeat(200), 0, PART, 0, 1_000]
    expect(session.receive({ batch: [1, [first]] }, 10)).toBe(true)
    expect(session.receive({ batch: [1, [entry]] }, 10)).toBe(false)
    expect(lost).toEqual([])
  })

  test('parts that make no JSON break the protocol', () => {
    const { session, got } = sessionUnderTest()
    expect(session.receive({ batch: [1, [['{', 0, PART, 0, 1]]] }, 10)).toBe(false)
    expect(got).toEqual([])
  })

  test('a part that begins above what is there means that messages are lost', () => {
    const { session, lost } = sessionUnderTest()
    session.receive({ batch: [1, [['x'.repeat(200), 0, PART, 300, 1_000]]] }, 10)
    expect(lost).toEqual(['lost'])
  })

  test('a page that resumes has the message from its beginning', () => {
    const before = sessionUnderTest()
    before.session.receive(
      { hello: HELLO, ...ack(0), batch: [1, [['a'], ['x'.repeat(200), 0, PART, 0, 1_000]]] },
      10,
    )
    const after = sessionUnderTest(before.session.save())
    expect(up(after.link().attach().text).ack).toEqual([1, ''])
  })

  test('an acknowledgement of what was never sent breaks the protocol', () => {
    const { session, send } = sessionUnderTest()
    send('a')
    expect(session.receive(ack(0, 1), 10)).toBe(true)
    expect(session.receive(ack(0, 2), 10)).toBe(false)
    expect(session.receive({ ack: [0, 1, 0] }, 10)).toBe(false)
  })

  test('a batch that starts above the next number means that messages are lost', () => {
    const { session, got, lost } = sessionUnderTest()
    session.receive({ batch: [1, [['a']]] }, 10)
    session.receive({ batch: [3, [['c']]] }, 10)
    expect([got, lost]).toEqual([['a'], ['lost']])
  })

  test('another epoch means that the server does not know the session', () => {
    const { session, send, got, lost } = sessionUnderTest()
    send('up')
    session.receive({ ...ack(0), hello: HELLO }, 0)
    const other = { ...HELLO, epoch: 'other' }
    session.receive({ hello: other, ack: [1, 1, 1], batch: [1, [['stranger']]] }, 10)
    expect([lost, got, session.outbox.acceptedUpTo]).toEqual([['unknown'], [], 0])
  })

  test('messages wait, unacknowledged, for the first listener', () => {
    const test = sessionUnderTest()
    const { session, got, link } = test
    test.listening = false
    session.receive({ batch: [1, [['a'], ['b']]] }, 10)
    session.receive({ batch: [1, [['a'], ['b'], ['c']]] }, 10)
    expect([got, up(link().attach().text).ack]).toEqual([[], [0, '']])
    test.listening = true
    session.deliver()
    expect([got, up(link().attach().text).ack]).toEqual([
      ['a', 'b', 'c'],
      [3, ''],
    ])
  })

  test('nothing is delivered to nobody: when the listener leaves, the rest waits', () => {
    const test = sessionUnderTest()
    test.got.push = (data) => {
      test.listening = false
      return test.entries.length + Number(data === undefined)
    }
    test.session.receive({ batch: [1, [['a'], ['b']]] }, 10)
    expect(test.entries).toEqual([['a']])
    expect(up(test.link().attach().text).ack).toEqual([1, ''])
  })
})

describe('acknowledging', () => {
  test('every packet up acknowledges', () => {
    const { session, send, link } = sessionUnderTest()
    const carrier = link()
    session.receive({ batch: [1, [['a'], ['b']]] }, 10)
    send('up')
    expect(up(carrier.nextFrame()).ack).toEqual([2, ''])
  })

  test('a few messages are acknowledged of our own accord after five seconds', () => {
    const { clock, session, link, flushes } = sessionUnderTest()
    const carrier = link()
    session.receive({ batch: [1, [['a']]] }, 10)
    clock.advance(3_000)
    session.receive({ batch: [2, [['b']]] }, 10)
    clock.advance(1_999)
    expect([flushes(), carrier.nextFrame()]).toEqual([0, undefined])
    clock.advance(1)
    expect([flushes(), up(carrier.nextFrame())]).toEqual([1, { ack: [2, ''] }])
    expect([carrier.nextFrame(), clock.pending]).toEqual([undefined, 0])
  })

  test('what was acknowledged with a packet needs no packet of its own', () => {
    const { clock, session, send, link, flushes } = sessionUnderTest()
    session.receive({ batch: [1, [['a']]] }, 10)
    send('up')
    link().nextFrame()
    clock.advance(10_000)
    expect(flushes()).toBe(0)
  })

  test('a quarter of the window is acknowledged at once', () => {
    const { session, link, flushes } = sessionUnderTest()
    const carrier = link()
    carrier.attach()
    session.receive({ hello: HELLO, batch: [1, [['a']]] }, 9_000)
    expect(flushes()).toBe(0)
    session.receive({ batch: [2, [['b']]] }, 1_000)
    expect([flushes(), up(carrier.nextFrame()).ack]).toEqual([1, [2, '']])
  })

  test('many empty messages fill the window too', () => {
    const { session, link, flushes } = sessionUnderTest()
    link().attach()
    session.receive({ hello: HELLO }, 0)
    session.receive({ batch: [1, Array.from({ length: 160 }, () => [''] as [string])] }, 500)
    expect(flushes()).toBe(1)
  })

  test('what comes again fills no window', () => {
    const { session, link, flushes } = sessionUnderTest()
    link().attach()
    session.receive({ hello: HELLO, batch: [1, [['a']]] }, 5_000)
    for (let i = 0; i < 10; i++) session.receive({ batch: [1, [['a']]] }, 5_000)
    expect(flushes()).toBe(0)
  })

  test('a heartbeat is answered if we were silent for half of one', () => {
    const { clock, session, link, flushes } = sessionUnderTest()
    const carrier = link()
    carrier.attach()
    session.receive({ hello: HELLO, ...ack(0) }, 0)
    clock.advance(HELLO.heartbeat / 2)
    session.receive(ack(0), 0)
    expect([flushes(), carrier.nextFrame()]).toEqual([0, undefined])
    clock.advance(1)
    session.receive(ack(0), 0)
    expect([flushes(), up(carrier.nextFrame())]).toEqual([1, { ack: [0, ''] }])
  })

  test('messages that waited for a listener are acknowledged five seconds after it came', () => {
    const test = sessionUnderTest()
    const { clock, session, link, flushes } = test
    const carrier = link()
    test.listening = false
    session.receive({ batch: [1, [['a']]] }, 10)
    clock.advance(60_000)
    test.listening = true
    session.deliver()
    const before = flushes()
    clock.advance(5_000)
    expect([flushes() - before, up(carrier.nextFrame()).ack]).toEqual([1, [1, '']])
  })

  test('the tag of the last message is handed back with its number', () => {
    const { session, link } = sessionUnderTest()
    session.receive({ batch: [1, [['a'], ['b']]], tag: 'x' }, 10)
    expect(up(link().attach().text).ack).toEqual([2, 'x'])
  })

  test('where there are tags, a part of a batch is not acknowledged', () => {
    const test = sessionUnderTest()
    test.got.push = () => {
      test.listening = false
      return 0
    }
    test.session.receive({ batch: [1, [['a'], ['b']]], tag: 'x' }, 10)
    expect(up(test.link().attach().text).ack).toEqual([0, ''])
    test.listening = true
    test.session.deliver()
    expect(up(test.link().attach().text).ack).toEqual([2, 'x'])
  })
})
