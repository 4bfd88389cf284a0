/**
 * Requests that a client sends on one HTTP/1.1 connection without waiting for their answers (RFC 9112, 9.3.2). Node hands all of
 * them out at once and keeps their answers in memory until it is their turn. No browser does so.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'

/** Requests of one connection that are not answered yet. */
const MAX_UNANSWERED = 16

export class Pipelining {
  readonly #unanswered = new WeakMap<Socket, Set<ServerResponse>>()

  /** Counts a request until it is answered. False if its connection has too many: it is to be destroyed. */
  admit(request: IncomingMessage, response: ServerResponse): boolean {
    // HTTP/2 has a limit of its own for the streams of a connection.
    if (request.httpVersionMajor > 1) return true
    const unanswered = this.#unanswered.get(request.socket) ?? this.#watch(request.socket)
    if (unanswered.size >= MAX_UNANSWERED) return false
    unanswered.add(response)
    response.once('close', () => unanswered.delete(response))
    return true
  }

  /** Closes the answers of a connection with it. Node does so for the one alone that has its turn. */
  #watch(socket: Socket): Set<ServerResponse> {
    const unanswered = new Set<ServerResponse>()
    this.#unanswered.set(socket, unanswered)
    socket.once('close', () => {
      for (const response of [...unanswered]) {
        if (response.socket) continue
        response.destroy()
        response.emit('close')
      }
    })
    return unanswered
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
  if (hasTurn(request, response)) return
  await new Promise<void>((resolve) => {
    const finish = (): void => {
      response.off('socket', finish)
      response.off('close', finish)
      resolve()
    }
    response.once('socket', finish)
    response.once('close', finish)
  })
}
