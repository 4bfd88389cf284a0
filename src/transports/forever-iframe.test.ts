/** The hidden frame, in a document of the test: which documents are taken for the bridge. */
import { expect, onTestFinished, test, vi } from 'vitest'
import { manualClock } from '../../test/support/clock.ts'
import { HELLO } from '../../test/support/session.ts'
import { createSession } from '../session/session.ts'
import { foreverIframe } from './forever-iframe.ts'

interface Port {
  onmessage?(event: { data: unknown }): void
}

/** Opens a carrier in a page whose frame shows a document with so many scripts; `undefined`: one of another origin. */
function openFrame(url: string, scripts?: number, clock = manualClock()) {
  const questions: { readonly data: readonly unknown[]; answer(...answer: unknown[]): void }[] = []
  const closed: string[] = []
  const frames: object[] = []
  const frame = {
    name: '',
    src: '',
    style: {},
    onload: undefined as (() => void) | null | undefined,
    contentDocument: scripts === undefined ? null : { scripts: { length: scripts } },
    contentWindow: {
      postMessage: (data: readonly unknown[], _: string, [port]: [{ readonly other: Port }]) =>
        questions.push({ data, answer: (...answer) => port.other.onmessage!({ data: answer }) }),
    },
    remove: () => void (frames.length = 0),
  }
  class MessageChannel {
    readonly port1: Port = { postMessage() {} } as Port
    readonly port2 = { other: this.port1 }
  }
  vi.stubGlobal('MessageChannel', MessageChannel)
  vi.stubGlobal('navigator', {})
  vi.stubGlobal('localStorage', undefined)
  vi.stubGlobal('addEventListener', () => {})
  vi.stubGlobal('removeEventListener', () => {})
  vi.stubGlobal('document', {
    readyState: 'complete',
    createElement: () => frame,
    body: { appendChild: (element: object) => frames.push(element) },
  })
  onTestFinished(() => void vi.unstubAllGlobals())
  const session = createSession(clock, {
    onMessage() {},
    hasListeners: () => true,
    onPending() {},
    onTokenAsked() {},
    onTooLarge() {},
    onSessionLost() {},
  })
  const packets: unknown[] = []
  const carrier = foreverIframe.open(session.openLink({ url, credentials: false }), {
    packet: (down) => packets.push(down),
    progress() {},
    closed: (reason) => closed.push(reason),
  })
  return { clock, frame, frames, questions, closed, packets, carrier }
}

test('the bridge is asked first, and makes exchanges when it has answered', () => {
  const { frame, frames, questions, clock, closed, packets } = openFrame(
    'https://a.example/rungs',
    1,
  )
  expect([frame.name, frame.src]).toEqual(['rungs-bridge', 'https://a.example/rungs/bridge'])
  frame.onload!()
  expect(questions.map(({ data }) => data)).toEqual([['hello']])
  questions[0]!.answer(200, 'bridge')
  clock.advance(2_000)
  expect(questions[1]!.data[0]).toBe('post')
  questions[1]!.answer(200, JSON.stringify({ hello: HELLO, ack: [0, 0, 0], ticket: 'x' }))
  expect(questions[2]!.data).toEqual(['stream', 'x'])
  expect([closed, frames.length, packets.length]).toEqual([[], 1, 1])
})

test('a document that does not answer is removed after a second, and gets no packet', () => {
  const { frame, frames, questions, clock, closed } = openFrame('https://b.example/rungs')
  frame.onload!()
  clock.advance(999)
  expect(closed).toEqual([])
  clock.advance(1)
  expect([closed, frames]).toEqual([['not-the-bridge'], []])
  expect(questions.map(({ data }) => data)).toEqual([['hello']])
})

test('an application in place of the bridge is not started again for ten minutes', () => {
  const url = 'https://c.example/rungs'
  const { frame, clock } = openFrame(url, 2)
  frame.onload!()
  clock.advance(1_000)
  const second = openFrame(url, 2, clock)
  clock.advance(0)
  expect([second.closed, second.frames]).toEqual([['not-the-bridge'], []])
  clock.advance(600_000)
  expect(openFrame(url, 2, clock).frames.length).toBe(1)
})

test('an error page in place of the bridge is tried again at once', () => {
  const url = 'https://d.example/rungs'
  const { frame, clock } = openFrame(url, 0)
  frame.onload!()
  clock.advance(1_000)
  expect(openFrame(url, 0, clock).frames.length).toBe(1)
})

test('a carrier that is closed while it waits for the answer ends silently', () => {
  const { frame, frames, clock, closed, carrier } = openFrame('https://e.example/rungs')
  frame.onload!()
  carrier.close()
  clock.advance(2_000)
  expect([closed, frames]).toEqual([[], []])
})
