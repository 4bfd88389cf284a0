/** The body of an exchange: packets, one a line (PROTOCOL.md 3.2). */
import type { IncomingMessage } from 'node:http'
import { malformed } from '../checks.ts'
import { Refusal } from '../errors.ts'
import type { MemoryBudget } from '../memory-budget.ts'
import { monotonicNow } from '../store/clock.ts'
import { GrowingBuffer } from './growing-buffer.ts'
import { STALL_TIME, timeFor } from './pace.ts'

const LINE_FEED = 0x0a
/** Bytes of a packet that is read on even if memory is short: acknowledgements and goodbyes must come, for they free memory. */
const SMALL_PACKET = 16_384
/** Pieces that a body may come in, and bytes for each piece beyond. Node takes as long for one of a byte as for one of a network. */
const MAX_PIECES = 1_000
const BYTES_PER_PIECE = 64
/** Bytes that are taken at once. The rest waits at its sender. */
const MAX_TAKEN = 65_536

/** Throws a {@link Refusal} if a body is encoded. */
export function checkEncoding({ headers }: IncomingMessage): void {
  const encoding = headers['content-encoding']
  if (encoding === undefined || encoding === 'identity') return
  throw new Refusal('unsupported-encoding', 'bodies are not unpacked; send this one as it is')
}

/** Reads a body packet by packet, and no further than it is asked to. */
export class PacketBody {
  readonly #request: IncomingMessage
  readonly #maxBytes: number
  readonly #maxWait: number
  readonly #memory: MemoryBudget
  readonly #now: () => number
  /** Bytes that were read, and belong to the packets that follow. */
  #rest: Buffer = Buffer.alloc(0)
  /** Bytes that were taken while more was waited for, and belong behind those. */
  #taken = new GrowingBuffer()
  #bytesRead = 0
  #piecesRead = 0
  /** Milliseconds for which bytes behind the first packet were waited for. */
  #waited = 0
  /** Whether the last packet was given out. */
  #isOver = false

  /**
   * Throws a {@link Refusal} if the body is too large.
   *
   * @param maxBytes Bytes of the whole body.
   * @param maxWait Milliseconds that the body has for its first packet, and then for going on.
   */
  constructor(
    request: IncomingMessage,
    maxBytes: number,
    memory: MemoryBudget,
    maxWait: number = STALL_TIME,
    now: () => number = monotonicNow,
  ) {
    this.#request = request
    this.#memory = memory
    this.#now = now
    this.#maxBytes = maxBytes
    this.#maxWait = maxWait
    if (Number(request.headers['content-length']) > maxBytes) throw tooLarge('body', maxBytes)
  }

  /** The first packet. Fails with a {@link Refusal} if it is too large, is cut, or does not come in time as a whole. */
  async first(maxBytes: number): Promise<Buffer> {
    const deadline = this.#now() + this.#maxWait
    const first = (await this.#next(maxBytes, () => deadline - this.#now()))!
    this.#waited = 0
    return first
  }

  /** The packet after that; `undefined` if there is none. Fails with a {@link Refusal}, also if the body does not go on. */
  next(maxBytes: number): Promise<Buffer | undefined> {
    // A body that trickles goes on all the time, and takes for ever.
    return this.#next(maxBytes, () =>
      Math.min(this.#maxWait, timeFor(this.#bytesRead) - this.#waited),
    )
  }

  /** @param maxWait Milliseconds that the body has now. */
  async #next(maxBytes: number, maxWait: () => number): Promise<Buffer | undefined> {
    if (this.#isOver) return undefined
    const packet = new GrowingBuffer()
    try {
      return await this.#collect(packet, maxBytes, maxWait)
    } finally {
      this.#memory.release(packet.length)
    }
  }

  async #collect(packet: GrowingBuffer, maxBytes: number, maxWait: () => number): Promise<Buffer> {
    for (;;) {
      const lineFeed = this.#rest.indexOf(LINE_FEED)
      const chunk = lineFeed < 0 ? this.#rest : this.#rest.subarray(0, lineFeed)
      if (packet.length + chunk.length > maxBytes) throw tooLarge('packet', maxBytes)
      packet.push(chunk)
      this.#memory.hold(chunk.length)
      if (packet.length > SMALL_PACKET) await this.#memory.waitForRoom(this.#maxWait)
      const rest = lineFeed < 0 ? await this.#read(maxWait) : this.#rest.subarray(lineFeed + 1)
      this.#isOver = rest === undefined
      this.#rest = rest ?? Buffer.alloc(0)
      if (lineFeed >= 0 || this.#isOver) return packet.bytes
    }
  }

  /** Reads what there is, and waits for it if need be. `undefined`: the body has ended. */
  async #read(maxWait: () => number): Promise<Buffer | undefined> {
    for (;;) {
      this.#takePiece()
      const { bytes } = this.#taken
      this.#taken = new GrowingBuffer()
      if (bytes.length > 0) return bytes
      if (this.#request.readableEnded) return undefined
      if (this.#request.destroyed) throw malformed('the body was cut')
      const since = this.#now()
      await this.#waitForPieces(maxWait())
      this.#waited += this.#now() - since
    }
  }

  /** Throws a {@link Refusal} if the body is too large, or comes in too many pieces. */
  #takePiece(): void {
    if (this.#taken.length > MAX_TAKEN) return
    const piece = this.#request.read() as Buffer | null
    if (!piece) return
    this.#taken.push(piece)
    this.#bytesRead += piece.length
    this.#piecesRead++
    if (this.#bytesRead > this.#maxBytes) throw tooLarge('body', this.#maxBytes)
    if (this.#piecesRead > Math.max(MAX_PIECES, this.#bytesRead / BYTES_PER_PIECE)) {
      throw new Refusal('too-large', 'the body comes in too many small chunks; send larger ones')
    }
  }

  /**
   * Settles when something has come, or the body has ended or was cut. Node hands out each chunk by itself, and runs all that waits
   * for it before the next one. So those of one turn of the event loop are only counted and put together: a promise and a timer
   * for each would hold the loop for a tenth of a second.
   */
  async #waitForPieces(ms: number): Promise<void> {
    const request = this.#request
    await new Promise<void>((resolve, reject) => {
      let turn: NodeJS.Immediate | undefined
      const finish = (error?: unknown): void => {
        clearTimeout(timer)
        clearImmediate(turn)
        request.off('readable', onReadable).off('end', onChange).off('close', onChange)
        if (error) reject(error as Error)
        else resolve()
      }
      const onChange = (): void => void (turn ??= setImmediate(finish))
      const onReadable = (): void => {
        try {
          this.#takePiece()
          onChange()
        } catch (error) {
          finish(error)
        }
      }
      const timer = setTimeout(
        () => finish(new Refusal('timeout', 'the body did not come in time')),
        ms,
      )
      request.on('readable', onReadable).on('end', onChange).on('close', onChange)
    })
  }
}

function tooLarge(what: string, maxBytes: number): Refusal {
  return new Refusal(
    'too-large',
    `the ${what} has more than ${maxBytes} bytes; send less at a time`,
  )
}
