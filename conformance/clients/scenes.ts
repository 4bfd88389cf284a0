/** Where most tests of clients begin, and what they look at. */
import { Client } from './program.ts'
import { startServer, type Channel, type Server, type Up } from './server.ts'

export interface Scene {
  readonly server: Server
  readonly client: Client
  readonly channel: Channel
}

/** A client that is open, over a WebSocket. */
export async function openScene(hello = {}, token?: string): Promise<Scene> {
  const server = await startServer()
  const client = new Client(server.url, ['websocket'], token)
  const channel = await server.channel()
  channel.open([0, 0, 0], hello)
  await client.event('open')
  return { server, client, channel }
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
