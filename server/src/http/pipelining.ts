/**
 * Requests that a client sends on one HTTP/1.1 connection without waiting for their answers (RFC 9112, 9.3.2). Node hands all of
 * them out at once and keeps their answers in memory until it is their turn. No browser does so.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'

/** Requests of one connection that are not answered yet. */
const MAX_UNANSWERED = 16

export class Pipelining {
  readonly #unanswered = new WeakMap<Socket, number>()

  /** Counts a request until it is answered. False if its connection has too many: it is to be destroyed. */
  admit(request: IncomingMessage, response: ServerResponse): boolean {
    // HTTP/2 has a limit of its own for the streams of a connection.
    if (request.httpVersionMajor > 1) return true
    const { socket } = request
    const count = this.#unanswered.get(socket) ?? 0
    if (count >= MAX_UNANSWERED) return false
    this.#unanswered.set(socket, count + 1)
    response.once('close', () => {
      this.#unanswered.set(socket, (this.#unanswered.get(socket) ?? 1) - 1)
    })
    return true
  }
}

/** Whether all answers before this one are written, so that this one goes to the network. */
export function hasTurn({ httpVersionMajor }: IncomingMessage, response: ServerResponse): boolean {
  return httpVersionMajor > 1 || response.socket !== null || response.destroyed
}

/** Settles when an answer has its turn, or its connection is closed: until then, it is not worth to be composed. */
export async function waitForTurn(
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (hasTurn(request, response) || request.socket.destroyed) return
  await new Promise<void>((resolve) => {
    const finish = (): void => {
      response.off('socket', finish)
      request.off('close', finish)
      resolve()
    }
    response.once('socket', finish)
    request.once('close', finish)
  })
}
