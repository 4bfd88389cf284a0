import { violations } from '../prove.ts'
import { bytesOf, checkPacket, type CarrierName } from './rules.ts'
import type { Ack, Down, Entry } from './wire.ts'

/** A message of the log down, whole. `data` of bytes is a Buffer. */
export interface Message {
  readonly number: number
  readonly data: unknown
  readonly peer: unknown
  /** Without the bits that say how it travelled. */
  readonly kind: number
}

/** A part as it came: where it begins, how long it is, of how much. */
export interface Part {
  readonly number: number
  readonly offset: number
  readonly length: number
  readonly size: number
}

/** The beginning of a message. */
interface Partial {
  readonly number: number
  readonly peer: unknown
  readonly kind: number
  readonly size: number
  readonly length: number
  readonly pieces: (string | Buffer)[]
}

/** Tags of positions, by the numbers of the messages before them. */
export type Tags = Map<number, string>

const UNTIL_HELLO = 60_000
const MIN_PART = 128

/** Notes the tag of the position behind the last whole message of a packet. */
export function learnTag(tags: Tags, { batch, tag = '' }: Down, frame?: Buffer): void {
  if (!batch) return
  const entry = batch[1].at(-1)!
  const [, , kind = 0, offset = 0, size = 0] = entry
  const isWhole = !(kind & 8) || offset + pieceOf(entry, frame).length >= size
  const last = batch[0] + batch[1].length - (isWhole ? 1 : 2)
  if (last >= batch[0]) tags.set(last, tag)
}

/** What a carrier has brought down so far, and what it will. */
export class Feed {
  readonly packets: Down[] = []
  /** Numbered messages, each as often as it came. */
  readonly messages: Message[] = []
  readonly volatile: Omit<Message, 'number'>[] = []
  readonly parts: Part[] = []
  readonly #carrier: CarrierName
  readonly #tags: Tags
  #maxBatch = UNTIL_HELLO
  #partial: Partial | undefined
  #over: string | undefined
  #waiting: (() => void)[] = []

  /** @param begun How much of a message came over another carrier. */
  constructor(carrier: CarrierName, tags: Tags, begun?: Feed) {
    this.#carrier = carrier
    this.#tags = tags
    this.#partial = begun ? begun.#partial : undefined
  }

  /** A feed of nobody, that has the beginning of a message. */
  static having(number: number, body: string | Buffer, length: number): Feed {
    const feed = new Feed('exchange', new Map())
    const kind = Buffer.isBuffer(body) ? 1 : 0
    const pieces = [body.slice(0, length)]
    feed.#partial = { number, peer: 0, kind, size: body.length, length, pieces }
    return feed
  }

  /** Characters or bytes that are there of the message that is not whole. */
  get partialLength(): number {
    return this.#partial?.length ?? 0
  }

  /** Takes a packet, and the frame that it announced. */
  take(text: string, packet: Down, frame?: Buffer): void {
    this.packets.push(packet)
    if (checkPacket(text, packet, this.#carrier)) this.#takeFields(packet, frame)
    this.wake()
  }

  #takeFields(packet: Down, frame?: Buffer): void {
    this.#maxBatch = packet.hello?.maxBatch ?? this.#maxBatch
    const { batch, volatile = [] } = packet
    if (bytesOf(packet, frame) > this.#maxBatch) violations.push('a batch is larger than maxBatch')
    for (const [index, entry] of batch?.[1].entries() ?? []) {
      const whole = this.#takeEntry(batch![0] + index, entry, frame)
      if (whole) this.messages.push(whole)
    }
    learnTag(this.#tags, packet, frame)
    for (const entry of volatile) this.volatile.push(plain(entry, frame))
  }

  /** The message that an entry is, or completes. */
  #takeEntry(number: number, entry: Entry, frame?: Buffer): Message | undefined {
    const { data, peer, kind } = plain(entry, frame)
    const [, , flags = 0, offset = 0, size = 0] = entry
    if (!(flags & 8)) {
      this.#partial = undefined
      return { number, data, peer, kind }
    }
    const piece = pieceOf(entry, frame)
    this.parts.push({ number, offset, length: piece.length, size })
    const known = this.#partial?.number === number ? this.#partial : undefined
    const begun = known ?? { number, peer, kind, size, length: 0, pieces: [] }
    const end = offset + piece.length
    if (offset > begun.length)
      violations.push(`part ${offset} of message ${number} comes too early`)
    if (end > size || (piece.length < MIN_PART && end < size))
      violations.push('the length of a part')
    if (begun.size !== size) violations.push('parts of a message name two sizes')
    const fresh = piece.slice(begun.length - offset)
    const partial = {
      ...begun,
      length: Math.max(begun.length, end),
      pieces: [...begun.pieces, fresh],
    }
    this.#partial = end < size ? partial : undefined
    return end < size ? undefined : joined(partial)
  }

  /** Nothing comes any more. */
  end(why: string): void {
    this.#over ??= why
    this.wake()
  }

  /** Resolves to what `find` finds, which is asked at first and whenever something arrives. */
  async until<T>(what: string, find: () => T | undefined): Promise<T> {
    for (;;) {
      const found = find()
      if (found !== undefined) return found
      if (this.#over !== undefined) {
        const packets = JSON.stringify(this.packets).slice(0, 1_000)
        throw new Error(`no ${what}: ${this.#over}, after ${packets}`)
      }
      await new Promise<void>((resolve) => this.#waiting.push(resolve))
    }
  }

  /** The first packet that has a field. */
  async field<F extends keyof Down>(name: F): Promise<NonNullable<Down[F]>> {
    return this.until(
      name,
      () => this.packets.find((packet) => packet[name] !== undefined)?.[name] ?? undefined,
    )
  }

  /** The data of all numbered messages, once the last of them is `data`. */
  async untilData(data: unknown): Promise<unknown[]> {
    const wanted = JSON.stringify(data)
    return this.until(`message ${wanted}`, () => {
      const all = this.messages.map((message) => message.data)
      return JSON.stringify(all.at(-1)) === wanted ? all : undefined
    })
  }

  /** An acknowledgement that says that so many messages are accepted. */
  async accepted(number: number): Promise<Ack> {
    return this.until(
      `${number} accepted`,
      () => this.packets.find(({ ack }) => ack && ack[1] >= number)?.ack,
    )
  }

  /** Asks those who wait again. */
  wake(): void {
    const waiting = this.#waiting
    this.#waiting = []
    for (const wake of waiting) wake()
  }
}

const pieceOf = (entry: Entry, frame?: Buffer): string | Buffer =>
  plain(entry, frame).data as string | Buffer

/** An entry without the ways in which it travelled. */
function plain([data, peer = 0, kind = 0]: Entry, frame?: Buffer): Omit<Message, 'number'> {
  const bytes = kind & 4 ? frame! : kind & 1 ? Buffer.from(String(data), 'base64') : undefined
  return { data: bytes ?? data, peer, kind: kind & 3 }
}

function joined({ number, peer, kind, pieces }: Partial): Message | undefined {
  if (kind & 1) return { number, data: Buffer.concat(pieces as Buffer[]), peer, kind }
  try {
    return { number, data: JSON.parse(pieces.join('')) as unknown, peer, kind }
  } catch {
    violations.push(`the parts of message ${number} are no JSON text`)
    return undefined
  }
}
