import { describe, expect, test } from 'vitest'
import { HELLO, URL, ack, attach, sessionUnderTest, up } from '../../test/support/session.ts'
import { manualClock } from '../../test/support/clock.ts'
import { createSession } from './session.ts'

/** Four numbers of 32 bits. */
const KEY = /^[\da-z]{28}$/

describe('saying whose it is', () => {
  test('the key is 128 bits of chance, made by the client', () => {
    const keys = [1, 2, 3].map(() => attach(sessionUnderTest().link()).key)
    for (const key of keys) expect(key).toMatch(KEY)
    expect(new Set(keys).size).toBe(3)
  })

  test('before the server has named an epoch, an attach may create the session', () => {
    const { session, link } = sessionUnderTest()
    expect(attach(link())).not.toHaveProperty('epoch')
    session.receive({ hello: HELLO }, 0)
    expect(attach(link())).toHaveProperty('epoch', 'e')
  })

  test('only a session that can be resumed says which page it belongs to', () => {
    expect(attach(sessionUnderTest().link())).not.toHaveProperty('page')
    expect(attach(sessionUnderTest({ page: [3, 'holder'] }).link()).page).toEqual([3, 'holder'])
  })

  test('exchanges ask for hello until it comes, and leave out the token then if the server wants no other', () => {
    for (const bound of [undefined, 1] as const) {
      const { session, link } = sessionUnderTest()
      const carrier = link('secret')
      const first = up(carrier.attach({ answer: '"now"' }).text)
      expect([first.hello, first.attach!.token]).toEqual([1, 'secret'])
      const hello = { hello: { ...HELLO, ...(bound && { bound }) }, ...ack(0) }
      carrier.receive(hello, true)
      session.receive(hello, 10)
      const next = up(carrier.attach({ answer: '"now"' }).text)
      expect([next.hello, next.attach!.token]).toEqual([undefined, bound ? undefined : 'secret'])
    }
  })

  test('a WebSocket says its token, and asks for nothing: hello comes of itself', () => {
    const { session, link } = sessionUnderTest()
    session.receive({ hello: { ...HELLO, bound: 1 } }, 10)
    expect(up(link('secret').attach().text)).toMatchObject({ attach: { token: 'secret' } })
    expect(up(link('secret').attach().text)).not.toHaveProperty('hello')
  })

  test('a new token goes out once on each carrier', () => {
    const { session, link } = sessionUnderTest()
    const [socket, poll] = [link('old'), link('old')]
    session.receive({ hello: { ...HELLO, bound: 1 } }, 10)
    poll.receive(ack(0), true)
    session.renewToken('new')
    expect(up(socket.nextFrame())).toMatchObject({ token: 'new' })
    expect(socket.hasPending()).toBe(false)
    expect(attach(poll).token).toBe('new')
    expect(up(poll.attach({ answer: '"now"' }).text).attach).not.toHaveProperty('token')
  })

  test('the introduction goes along as long as the server may create the session', () => {
    const clock = manualClock()
    const events = {
      onMessage: () => {},
      hasListeners: () => true,
      onPending: () => {},
      onSessionLost: () => {},
      onTokenAsked: () => {},
      onTooLarge: () => {},
    }
    const introduction = { protocols: ['chat.v2', 'chat'], meta: { theme: 'dark' } }
    const session = createSession(clock, events, {}, introduction)
    const link = () => session.openLink({ url: URL, credentials: false })
    expect(attach(link())).toMatchObject(introduction)
    session.receive({ hello: { ...HELLO, protocol: 'chat' } }, 10)
    expect(session.protocol).toBe('chat')
    expect(attach(link())).not.toHaveProperty('meta')
  })

  test('the token goes along', () => {
    expect(attach(sessionUnderTest().link('secret')).token).toBe('secret')
    expect(attach(sessionUnderTest().link())).not.toHaveProperty('token')
  })

  test('attaches and exchanges of all carriers are counted, and the lowest that is wanted is named', () => {
    const { link } = sessionUnderTest()
    const [first, second] = [link(), link()]
    expect(attach(first)).toMatchObject({ t: 1, want: 1 })
    expect(attach(second)).toMatchObject({ t: 2, want: 1 })
    first.releaseAll()
    expect(attach(second)).toMatchObject({ t: 3, want: 2 })
    second.release(2)
    expect(attach(second)).toMatchObject({ t: 4, want: 3 })
  })

  test('counting goes on beyond nine, and the lowest stays the lowest', () => {
    const { link } = sessionUnderTest()
    const [old, busy] = [link(), link()]
    attach(old)
    for (let i = 0; i < 20; i++) busy.release(attach(busy).t)
    expect(attach(busy)).toMatchObject({ t: 22, want: 1 })
  })
})

describe('the round trip', () => {
  test('the round-trip time is the time until a packet is received, smoothed', () => {
    const { clock, session, send, link } = sessionUnderTest()
    const carrier = link()
    expect(session.rtt).toBeNull()
    for (const [index, ms] of [80, 160].entries()) {
      send('a')
      carrier.nextFrame()
      clock.advance(ms)
      session.receive(ack(0, index + 1), 0)
    }
    expect(session.rtt).toBe(90)
  })

  test('one packet at a time is timed', () => {
    const { clock, session, send, link } = sessionUnderTest()
    const carrier = link()
    send('a')
    carrier.nextFrame()
    clock.advance(50)
    send('b')
    carrier.nextFrame()
    clock.advance(50)
    session.receive(ack(0, 2), 0)
    expect(session.rtt).toBe(100)
  })

  test('a message that went up again is not timed: nobody knows which of the two was received', () => {
    const { clock, session, send, link } = sessionUnderTest()
    send('a')
    link().nextFrame()
    clock.advance(30_000)
    const carrier = link()
    carrier.nextFrame()
    clock.advance(40)
    session.receive(ack(1), 0)
    expect(session.rtt).toBe(null)
    send('b')
    carrier.nextFrame()
    clock.advance(40)
    session.receive(ack(2), 0)
    expect(session.rtt).toBe(40)
  })

  test('a carrier that opens meanwhile does not spoil the sample of another one', () => {
    const { clock, session, send, link } = sessionUnderTest()
    send('a')
    link().nextFrame()
    clock.advance(40)
    link()
    session.receive(ack(1), 0)
    expect(session.rtt).toBe(40)
  })
})

describe('over a reload', () => {
  test('a session that the server does not know yet is not kept', () => {
    expect(sessionUnderTest().session.save()).toBeUndefined()
  })

  test('numbers go on where they were', () => {
    const before = sessionUnderTest()
    const { key } = attach(before.link())
    before.send('a', 'b', 'c')
    before.link().nextFrame()
    before.session.receive({ hello: HELLO, ...ack(1, 3, 2), batch: [1, [['x'], ['y']]] }, 10)
    const after = sessionUnderTest(before.session.save())
    expect([after.session.outbox.bufferedBytes, after.session.outbox.acceptedUpTo]).toEqual([2, 1])
    const carrier = after.link()
    expect(attach(carrier)).toMatchObject({ key, epoch: 'e', t: 1 })
    after.send('d')
    expect(up(carrier.nextFrame())).toEqual({ ack: [2, ''], batch: [2, [['b'], ['c'], ['d']]] })
    after.session.receive({ batch: [2, [['y'], ['z']]] }, 10)
    expect(after.got).toEqual(['z'])
  })

  test('what waited for a listener is not acknowledged, and comes again', () => {
    const before = sessionUnderTest()
    before.listening = false
    before.session.receive({ hello: HELLO, ...ack(0), batch: [1, [['x']]] }, 10)
    const after = sessionUnderTest(before.session.save())
    after.session.receive({ batch: [1, [['x']]] }, 10)
    expect(after.got).toEqual(['x'])
  })

  test('what was kept is in doubt on both pages: the goodbye may carry it, and so may the next page', () => {
    const before = sessionUnderTest()
    before.session.receive({ hello: HELLO, ...ack(0) }, 0)
    before.send('a')
    const after = sessionUnderTest(before.session.save())
    after.send('b')
    expect([before.session.outbox.unsentCount, after.session.outbox.unsentCount]).toEqual([0, 1])
  })
})
