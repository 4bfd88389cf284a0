/** One client as the tests need it: it can say anything at any time, and does nothing by itself. */
import { randomBytes } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import {
  openSocket,
  openStream,
  type Fields,
  type Socket,
  type Stream,
  type StreamName,
} from './carriers.ts'
import { Feed, learnTag, type Message, type Tags } from './feed.ts'
import { checkPacket } from './rules.ts'
import { post, type Answer, type Entry, type Headers, type Hello } from './wire.ts'

/** Milliseconds between questions whether handlers have settled. */
const PAUSE = 20

export const randomKey = (): string => randomBytes(16).toString('hex')

export const batch = (first: number, ...data: unknown[]): [number, Entry[]] => [
  first,
  data.map((each) => [each] as Entry),
]

/** A position: a number, its tag, and how much is there of the message after it. */
export type Position = [number: number, tag: string, partial?: number]

export class Client {
  key = randomKey()
  epoch: string | undefined
  t = 0
  want = 1
  page: readonly [generation: number, holder: string] | undefined
  token: string | undefined
  hello: Hello | undefined
  readonly #tags: Tags = new Map()

  /** The `attach` of the next request, with other fields if the test wants them. */
  attach(other: Fields = {}): Fields {
    const { key, epoch, want, page, token } = this
    return { version: 1, key, epoch, t: ++this.t, want, page, token, ...other }
  }

  /** The position behind a message that was received. Positions may have tags, so not all are known. */
  at(number: number, partial?: number): Position {
    if (number > 0 && !this.#tags.has(number)) throw new Error(`Message ${number} has not come yet`)
    const tag = this.#tags.get(number) ?? ''
    return partial === undefined ? [number, tag] : [number, tag, partial]
  }

  /** One exchange, whose body is one packet. */
  exchange(fields: Fields = {}, attach: Fields = {}, headers: Headers = {}): Promise<Answer> {
    return this.lines([{ attach: this.attach(attach), ...fields }], headers)
  }

  /** One exchange of several packets, the first of which has `attach`. */
  async lines(packets: readonly Fields[], headers: Headers = {}): Promise<Answer> {
    const answer = await post(packets.map((packet) => JSON.stringify(packet)).join('\n'), headers)
    const { packet, text } = answer
    if (checkPacket(text, packet, 'exchange')) learnTag(this.#tags, packet)
    this.#learn(packet.hello)
    return answer
  }

  #learn(hello: Hello | undefined): void {
    this.hello ??= hello
    this.epoch ??= hello?.epoch
  }

  /** One exchange whose second packet is any text. */
  raw(text: string): Promise<Answer> {
    return post(`${JSON.stringify({ attach: this.attach() })}\n${text}`)
  }

  /** Sends messages from a number on, as an exchange of two packets. Resolves when they are accepted. */
  async send(first: number, ...data: unknown[]): Promise<Answer> {
    return this.sendEntries(first, ...data.map((each): Entry => [each]))
  }

  async sendEntries(first: number, ...entries: Entry[]): Promise<Answer> {
    const answer = await this.lines([{ attach: this.attach() }, { batch: [first, entries] }])
    return answer.packet.ack ? this.settled(first + entries.length - 1, answer) : answer
  }

  /** An answer that says that so many messages are accepted, or an end. */
  async settled(number: number, answer?: Answer): Promise<Answer> {
    let last = answer ?? (await this.exchange())
    while (last.packet.ack && last.packet.ack[1] < number) {
      await delay(PAUSE)
      last = await this.exchange()
    }
    return last
  }

  /** The answer that says that the session has ended. */
  async settledEnd(): Promise<Answer> {
    let last = await this.exchange()
    // A session that was told goodbye lives until its handlers have settled.
    while (last.packet.ack || last.packet.end?.[0] === 'superseded') {
      await delay(PAUSE)
      last = await this.exchange()
    }
    return last
  }

  /** Messages after a position, as one exchange brings it. `begun`: how much of a message another carrier brought. */
  async poll(ack: Position = [0, ''], begun?: Feed): Promise<Feed> {
    const { packet, text } = await this.exchange({ answer: 'now', ack })
    const feed = new Feed('exchange', this.#tags, begun)
    feed.take(text, packet)
    return feed
  }

  /** Messages after a position, as one exchange brings them. */
  async read(ack?: Position): Promise<Message[]> {
    return (await this.poll(ack)).messages
  }

  /** Data of the messages after a position, as one exchange brings them. */
  async readData(ack?: Position): Promise<unknown[]> {
    return (await this.read(ack)).map(({ data }) => data)
  }

  /** A WebSocket that is attached and said hello. */
  async socket(fields: Fields = {}, attach: Fields = {}, begun?: Feed): Promise<Socket> {
    const socket = await this.attaching(fields, attach, begun)
    await socket.feed.field('ready')
    this.#learn(await socket.feed.field('hello'))
    return socket
  }

  /** A WebSocket that has sent its first frame. */
  async attaching(fields: Fields = {}, attach: Fields = {}, begun?: Feed): Promise<Socket> {
    const socket = await openSocket({}, '', new Feed('websocket', this.#tags, begun))
    socket.send({ attach: this.attach(attach), ...fields })
    return socket
  }

  async ticket(transport: string, fields: Fields = {}, attach: Fields = {}): Promise<string> {
    const { packet, text } = await this.exchange({ stream: transport, ...fields }, attach)
    if (packet.ticket === undefined) throw new Error(`no ticket: ${text}`)
    return packet.ticket
  }

  /** A stream by a ticket of its own. */
  async stream(
    transport: StreamName,
    fields: Fields = {},
    begun?: Feed,
    attach: Fields = {},
  ): Promise<Stream> {
    const ticket = await this.ticket(transport, fields, attach)
    return openStream(transport, ticket, {}, this.#tags, begun)
  }
}

/** A client whose session exists. */
export async function newSession(token?: string): Promise<Client> {
  const client = new Client()
  client.token = token
  await client.exchange()
  return client
}

/** The terms of the server. */
export async function terms(): Promise<Hello> {
  return (await newSession()).hello!
}
