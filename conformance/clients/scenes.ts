/** Where most tests of clients begin, and what they look at. */
import type { Channel, Exchange, Stream } from './carriers.ts'
import { Client, type ClientOptions } from './program.ts'
import { startServer, type Server } from './server.ts'
import { HELLO, type Fields, type Up } from './wire.ts'

export const WEBSOCKET = ['websocket']
export const LONG_POLL = ['long-poll']
export const SHORT_POLL = ['short-poll']
export const SSE = ['sse']
export const FOREVER_IFRAME = ['forever-iframe']

export interface Scene {
  readonly server: Server
  readonly client: Client
}

/** A client that is open, over a WebSocket. */
export async function openScene(
  hello: Fields = {},
  options?: ClientOptions,
): Promise<Scene & { readonly channel: Channel }> {
  const server = await startServer()
  const client = new Client(server.url, WEBSOCKET, options)
  const channel = await server.channel()
  channel.open([0, 0, 0], hello)
  await client.event('open')
  return { server, client, channel }
}

/** A client that is open, over a long poll; `poll` waits for its answer. */
export async function pollScene(
  hello: Fields = {},
  options?: ClientOptions,
): Promise<Scene & { readonly poll: Exchange }> {
  const server = await startServer()
  const client = new Client(server.url, LONG_POLL, options)
  ;(await server.exchange()).answer({ hello: { ...HELLO, ...hello }, ack: [0, 0, 0], ready: 1 })
  await client.event('open')
  for (;;) {
    const poll = await server.exchange()
    if (poll.packet.answer === 'wait') return { server, client, poll }
    poll.answer({ ack: [0, 0, 0], ready: 1 })
  }
}

/** A client that is open, over a stream. */
export async function streamScene(
  transports: readonly string[],
): Promise<Scene & { readonly asked: Exchange; readonly stream: Stream }> {
  const server = await startServer()
  const client = new Client(server.url, transports)
  const asked = await server.exchange()
  asked.answer({ hello: HELLO, ack: [0, 0, 0], ticket: 'a-ticket' })
  const stream = await server.streams.next()
  stream.open()
  await client.event('open')
  return { server, client, asked, stream }
}

/** Numbers and data of the messages of some packets. */
export const messagesOf = (packets: readonly Up[]): [number, unknown][] =>
  packets.flatMap(({ batch }) =>
    (batch?.[1] ?? []).map(([data], index): [number, unknown] => [batch![0] + index, data]),
  )

/** The messages of a channel, once there are some up to a number. */
export async function untilNumber(channel: Channel, number: number): Promise<[number, unknown][]> {
  const packets: Up[] = []
  while (!messagesOf(packets).some(([each]) => each >= number)) {
    packets.push(await channel.packet('batch'))
  }
  return messagesOf(packets)
}
