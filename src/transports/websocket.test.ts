import { Server, WebSocket as MockWebSocket, type Client } from 'mock-socket'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { openCarrier } from '../../test/support/carrier.ts'
import { queue } from '../../test/support/queue.ts'
import { sessionUnderTest, up } from '../../test/support/session.ts'
import { BINARY, FRAME, type Down, type Up } from '../protocol.ts'
import { websocket } from './websocket.ts'

type Frame = string | Uint8Array

/** A carrier, and the server that hears its frames. */
function setUp({ userAgent = '', sent = [] as unknown[], refuse = false } = {}) {
  vi.stubGlobal('WebSocket', MockWebSocket)
  vi.stubGlobal('navigator', { userAgent })
  const server = new Server('wss://server.example/rungs', {
    mock: false,
    verifyClient: () => !refuse,
  })
  onTestFinished(() => {
    server.stop()
    vi.unstubAllGlobals()
  })
  const frames = queue<Frame>()
  const closes = queue<'closed'>()
  const clients = queue<Client>()
  server.on('connection', (client) => {
    client.on('message', (frame) => frames.push(frame as Frame))
    clients.push(client)
  })
  server.on('close', () => closes.push('closed'))
  const session = sessionUnderTest()
  session.send(...sent)
  const ends = queue<string>()
  const packets = queue<Down>()
  const { carrier } = openCarrier(websocket, session, { packet: packets.push, closed: ends.push })
  return {
    carrier,
    session,
    frames,
    packets,
    ends,
    closes,
    clients,
    packet: async (): Promise<Up> => up(await frames.next()),
    /** The server's end, when the attach has arrived. */
    async attached(): Promise<Client> {
      const client = await clients.next()
      await frames.next()
      return client
    },
  }
}

const tell = (client: Client, down: Down): void => client.send(JSON.stringify(down))

describe('up', () => {
  test('the first frame says whose it is, and messages follow right behind it', async () => {
    const { packet, packets } = setUp({ sent: ['a', 'b'] })
    expect(await packet()).toMatchObject({ attach: { version: 1, t: 1, want: 1 }, ack: [0, ''] })
    expect(await packet()).toMatchObject({ batch: [1, [['a'], ['b']]] })
    expect(packets.waiting).toEqual([])
  })

  test('the attach itself carries no messages, for it may create the session', async () => {
    const { packet } = setUp({ sent: ['a'] })
    expect(await packet()).not.toHaveProperty('batch')
  })

  test('binary goes in a frame after the packet that announces it', async () => {
    const { attached, session, carrier, packet, frames } = setUp()
    await attached()
    session.send(new Uint8Array([1, 2]), 'b')
    carrier.flush()
    expect((await packet()).batch).toEqual([1, [[0, 0, BINARY | FRAME]]])
    expect(await frames.next()).toEqual(new Uint8Array([1, 2]))
    expect((await packet()).batch).toEqual([2, [['b']]])
  })

  test('nothing is sent before it is open', async () => {
    const { carrier, session, packet } = setUp()
    session.send('early')
    expect(() => carrier.flush()).not.toThrow()
    expect(await packet()).toHaveProperty('attach')
    expect(await packet()).toHaveProperty('batch')
  })
})

describe('down', () => {
  test('packets arrive as they were sent', async () => {
    const { attached, packets } = setUp()
    const client = await attached()
    tell(client, { ready: 1 })
    tell(client, { batch: [1, [['a']]] })
    expect(await packets.next()).toEqual({ ready: 1 })
    expect(await packets.next()).toEqual({ batch: [1, [['a']]] })
  })

  test('a packet that announces a frame arrives with it', async () => {
    const { attached, packets } = setUp()
    const client = await attached()
    tell(client, { batch: [1, [['a'], [0, 0, BINARY | FRAME]]] })
    expect(packets.waiting).toEqual([])
    client.send(new Uint8Array([1, 2]).buffer)
    const { batch } = await packets.next()
    expect(batch?.[1].map(([data]) => data)).toEqual(['a', new Uint8Array([1, 2])])
  })

  test('one announced frame allows no second', async () => {
    const { attached, packets, ends } = setUp()
    const client = await attached()
    tell(client, { batch: [1, [[0, 0, BINARY | FRAME]]] })
    client.send(new ArrayBuffer(1))
    client.send(new ArrayBuffer(2))
    await packets.next()
    expect([await ends.next(), packets.waiting]).toEqual(['malformed', []])
  })

  test.each([
    ['what is no packet', 'nonsense'],
    ['nothing', 'null'],
    ['a binary frame that no packet announced', new ArrayBuffer(2)],
  ])('%s ends it as malformed', async (_, frame) => {
    const { attached, ends, closes } = setUp()
    const client = await attached()
    client.send(frame)
    expect(await ends.next()).toBe('malformed')
    await closes.next()
  })
})

describe('the end', () => {
  test('is told with the reason of the server', async () => {
    const { attached, ends } = setUp()
    const client = await attached()
    client.close({ code: 4_409, reason: 'superseded', wasClean: true })
    expect(await ends.next()).toBe('superseded')
  })

  test('is told with its code where there is no reason', async () => {
    const { attached, ends } = setUp()
    const client = await attached()
    client.close({ code: 1_006, reason: '', wasClean: false })
    expect(await ends.next()).toBe('closed-1006')
  })

  test('comes at once where the server refuses to connect', async () => {
    vi.spyOn(console, 'error').mockImplementation(() => {})
    onTestFinished(() => void vi.restoreAllMocks())
    const { ends } = setUp({ refuse: true })
    expect(await ends.next()).toMatch(/^closed-/)
  })

  test('a close of our own is silent', async () => {
    const { attached, carrier, session, ends, packets, closes } = setUp()
    const client = await attached()
    carrier.close()
    session.send('late')
    carrier.flush()
    tell(client, { ready: 1 })
    await closes.next()
    expect([ends.waiting, packets.waiting, session.session.outbox.unsentCount]).toEqual([[], [], 1])
  })

  test('comes after a goodbye and all that was still to be sent', async () => {
    const { attached, carrier, session, packet, closes } = setUp()
    await attached()
    session.send('last')
    carrier.close('[0,1000,"done"]')
    expect((await packet()).batch).toEqual([1, [['last']]])
    expect(await packet()).toEqual({ bye: [0, 1_000, 'done'] })
    await closes.next()
  })

  test('comes after everything, also more than may be on its way at a time', async () => {
    const { attached, carrier, session, frames, closes } = setUp()
    await attached()
    session.send('x'.repeat(50_000), 'y'.repeat(50_000), 'z'.repeat(50_000))
    expect(carrier.close('[0]')).toBe(true)
    await closes.next()
    expect(frames.waiting.map((frame) => up(frame).batch?.[0])).toEqual([1, 2, 3, undefined])
    expect(up(frames.waiting.at(-1)).bye).toEqual([0])
  })

  test('comes without a goodbye while it connects, and nothing is heard of it', async () => {
    const { carrier, clients, ends, closes, frames } = setUp()
    expect(carrier.close('[0]')).toBe(false)
    await closes.next()
    expect([clients.waiting, ends.waiting, frames.waiting]).toEqual([[], [], []])
  })

  const SAFARI =
    'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) '
  test.each([
    [
      'Safari 15.1, which would break all its WebSockets',
      SAFARI + 'Version/15.1 Safari/605.1.15',
      1,
    ],
    ['Safari on an iPhone', SAFARI + 'Version/15.0 Mobile/15E148 Safari/604.1', 1],
    ['Safari 16', SAFARI + 'Version/16.0 Safari/605.1.15', 0],
    ['Chromium', SAFARI + 'Chrome/156.0.0.0 Safari/537.36', 0],
  ])('waits for the connection in %s', async (_, userAgent, connections) => {
    const { carrier, clients, closes, ends, frames } = setUp({ userAgent })
    carrier.close()
    await closes.next()
    expect(clients.waiting.length).toBe(connections)
    expect([ends.waiting, frames.waiting]).toEqual([[], []])
  })
})
