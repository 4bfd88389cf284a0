import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Reader } from '../delivery/reader.ts'
import type { Sink } from '../delivery/sink.ts'
import type { CarrierEnd } from '../errors.ts'
import { addReader, type Admitted, type ReaderOptions } from './admission.ts'
import type { ServerContext } from './context.ts'
import { hasTurn } from './pipelining.ts'
import { refuse, respond } from './responses.ts'

export interface HeldAnswerOptions extends ReaderOptions {
  /** Milliseconds within which the client wants the answer. */
  readonly within: number
}

/**
 * The answer to an exchange that waits: held back until there is a message, or news of what is accepted (PROTOCOL.md 3.2).
 * There may be very many that wait, so nothing of the body is kept here.
 */
export class HeldAnswer implements Sink {
  readonly takesFrames = false
  readonly takesOnePacket = true
  readonly reader: Reader
  readonly #context: ServerContext
  readonly #request: IncomingMessage
  readonly #response: ServerResponse
  /** Whether the whole body was read. A browser that is answered before may not send the rest. */
  #isBodyRead = false

  /** Throws a Refusal. */
  constructor(
    context: ServerContext,
    request: IncomingMessage,
    response: ServerResponse,
    admitted: Admitted,
    { within, ...options }: HeldAnswerOptions,
  ) {
    this.#context = context
    this.#request = request
    this.#response = response
    const reader = addReader(context, admitted, options, this)
    this.reader = reader
    // A timer of its own only for clients that know of a proxy which is more impatient than the heartbeat.
    const timer =
      within < reader.heartbeat ? setTimeout(() => reader.sendHeartbeat(), within) : undefined
    response.on('close', () => {
      clearTimeout(timer)
      context.readers.remove(reader)
    })
    response.once('socket', () => context.readers.scheduleFlush(reader))
    // The client may have gone while the store was asked.
    if (response.destroyed) context.readers.remove(reader)
  }

  /** The body was read: the answer goes out as soon as there is something in it. */
  start(): void {
    this.#isBodyRead = true
    if (!this.#response.destroyed) this.reader.start()
  }

  isCongested(): boolean {
    return !this.#isBodyRead || !hasTurn(this.#request, this.#response)
  }

  write(text: string | Uint8Array): void {
    respond(this.#request, this.#response, 200, String(text))
    this.#context.readers.remove(this.reader)
  }

  end(_: string, end: CarrierEnd): void {
    refuse(this.#request, this.#response, end)
  }

  destroy(): void {
    this.#response.destroy()
  }
}
