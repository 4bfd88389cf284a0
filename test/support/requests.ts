/** Requests that a test answers, in place of the browser's. */
import { onTestFinished, vi } from 'vitest'
import type { Attach, Down, Up } from '../../src/protocol.ts'
import { up } from './session.ts'

export interface FakeRequest {
  readonly method: string
  readonly url: string
  readonly withCredentials: boolean
  readonly timeout: number
  readonly aborted: boolean
  /** The packet that it carries, as text and as what that says. */
  readonly body: string
  readonly up: Up & { readonly attach: Attach }
  /** Answers with a packet, or with what some box on the way has written. */
  answer(down: Down | string, status?: number): void
  /** Some bytes of the answer arrive. */
  progresses(): void
  /** Nobody answers: the connection broke, or it took too long. */
  breaks(): void
}

export interface FakeNetwork {
  /** All that were sent, the oldest first. */
  readonly requests: FakeRequest[]
  /** Beacons that the browser took, and their bodies. */
  readonly beacons: Up[]
  readonly letters: string[]
  /** Whether the browser takes beacons; true at first. */
  takesBeacons: boolean
}

export function fakeNetwork(): FakeNetwork {
  const network: FakeNetwork = { requests: [], beacons: [], letters: [], takesBeacons: true }

  class Request {
    method = ''
    url = ''
    withCredentials = false
    timeout = 0
    aborted = false
    status = 0
    responseText = ''
    body = ''
    up = {} as FakeRequest['up']
    onloadend = (): void => {}
    onprogress = (): void => {}
    open(method: string, url: string): void {
      Object.assign(this, { method, url })
    }
    send(body: string): void {
      this.body = body
      this.up = up(body) as FakeRequest['up']
      network.requests.push(this)
    }
    abort(): void {
      this.aborted = true
      this.onloadend()
    }
    answer(down: Down | string, status = 200): void {
      this.status = status
      this.responseText = typeof down === 'string' ? down : JSON.stringify(down)
      this.onloadend()
    }
    progresses(): void {
      this.onprogress()
    }
    breaks(): void {
      this.onloadend()
    }
  }

  vi.stubGlobal('XMLHttpRequest', Request)
  vi.stubGlobal('navigator', {
    sendBeacon(_: string, body: string) {
      if (!network.takesBeacons) return false
      network.letters.push(body)
      network.beacons.push(up(body))
      return true
    },
  })
  onTestFinished(() => void vi.unstubAllGlobals())
  return network
}
