/** The scripts of the bridge frame and its stream, in a page of the test. PROTOCOL.md 7 says what they must do. */
import { readFileSync } from 'node:fs'
import { createContext, runInContext } from 'node:vm'
import { expect, test } from 'vitest'

const SCRIPT = readFileSync(new URL('../../assets/bridge.js', import.meta.url), 'utf8')
const PAGE = 'https://app.example'

interface Request {
  readonly method: string
  readonly url: string
  readonly body: string
  readonly headers: { readonly [name: string]: string }
  readonly aborted: boolean
  status: number
  responseText: string
  onload(): void
  ontimeout(): void
}

/** Loads the bridge into a page, at an address with this query. */
function load(search = '') {
  /** All answers of the bridge, each with the number of its question. */
  const said: [answer: unknown, question: number][] = []
  const requests: Request[] = []
  const frames: { src: string; onload(): void; readonly style: object }[] = []
  let hear: (event: object) => void
  const parent = { postMessage: () => expect.unreachable('it answers through ports alone') }
  const ports: { onmessage?(): void }[] = []
  /** The questions whose ports it has closed. */
  const closed: number[] = []
  class XMLHttpRequest {
    status = 0
    responseText = ''
    aborted = false
    method!: string
    url!: string
    body!: string
    readonly headers: { [name: string]: string } = {}

    open(method: string, url: string): void {
      Object.assign(this, { method, url })
    }

    setRequestHeader(name: string, value: string): void {
      this.headers[name] = value
    }

    send(body: string): void {
      this.body = body
      requests.push(this as unknown as Request)
    }

    abort(): void {
      this.aborted = true
    }
  }
  const window: {
    rungsPacket?: (text: string) => void
    readonly document: { readonly body: object; createElement(): object }
    [name: string]: unknown
  } = {
    location: { pathname: '/rungs/bridge', search, hash: search, href: search },
    document: {
      body: {
        appendChild: (frame: (typeof frames)[0]) =>
          frames.push(Object.assign(frame, { parentNode: window.document.body })),
        removeChild: (frame: (typeof frames)[0]) => frames.splice(frames.indexOf(frame), 1),
      },
      createElement: () => ({ style: {} }),
    },
    parent,
    XMLHttpRequest,
    addEventListener(name: string, listener: typeof hear) {
      if (name === 'message') hear = listener
    },
  }
  window.window = window
  runInContext(SCRIPT, createContext(window))
  return {
    said,
    closed,
    requests,
    frames,
    window,
    /** A message, by default of the page around the bridge, with a port of its own for the answers. */
    tell(data: unknown, origin = PAGE, source: unknown = parent) {
      const question = ports.length
      const port: (typeof ports)[0] & { postMessage(answer: unknown): void; close(): void } = {
        // From another realm: its prototypes are not ours.
        postMessage: (answer: unknown) => said.push([JSON.parse(JSON.stringify(answer)), question]),
        close: () => void closed.push(question),
      }
      ports.push(port)
      hear({ data, origin, source, ports: [port] })
    },
    /** A message without a port. */
    tellWithoutPort: (data: unknown) => hear({ data, origin: PAGE, source: parent, ports: [] }),
    /** The page stops what it asked for. */
    abort: (question: number) => ports[question]!.onmessage?.(),
  }
}

test('the bridge says nothing before its page has spoken', () => {
  const { said, requests, frames } = load()
  expect([said, requests, frames]).toEqual([[], [], []])
})

test('the bridge says that it is the bridge, to the page that asks, on its port', () => {
  const { tell, said, closed, requests } = load()
  tell(['hello'])
  tell(['hello'], 'https://evil.example')
  expect([said, closed, requests]).toEqual([[[[200, 'bridge'], 0]], [0], []])
})

test('the bridge takes nothing from its URL', () => {
  const { tell, requests, frames } = load('?origin=https://evil.example&ticket=x&path=/evil')
  tell(['post', 'body', 1_000])
  tell(['stream', 'ticket'])
  expect(requests[0]!.url).toBe('/rungs')
  expect(frames[0]!.src).toBe('/rungs/forever-iframe?ticket=ticket')
})

test('the bridge hears its parent alone, also before the first message', () => {
  const { tell, window, said, requests, frames } = load()
  for (const source of [window, {}, null]) {
    tell(['post', 'body', 1_000], 'https://evil.example', source)
    tell(['stream', 'ticket'], PAGE, source)
  }
  tell(['post', 'mine', 1_000])
  tell(['post', 'theirs', 1_000], PAGE, {})
  expect(requests.map(({ body }) => body)).toEqual(['mine'])
  expect(requests[0]!.headers).toEqual({ 'Rungs-Origin': PAGE })
  expect([said, frames]).toEqual([[], []])
})

test('the bridge pins the origin of the first message, and ignores any other', () => {
  const { tell, said, requests } = load()
  tell('hello')
  tell(['post', 'theirs', 1_000], 'https://evil.example')
  tell(['post', 'mine', 1_000])
  expect(requests.map(({ body }) => body)).toEqual(['mine'])
  requests[0]!.onload()
  expect(said).toEqual([[[0, ''], 2]])
})

test('the bridge refuses the origin null, and does not pin it', () => {
  const { tell, requests } = load()
  tell(['post', 'sandboxed', 1_000], 'null')
  tell(['post', 'mine', 1_000])
  tell(['post', 'sandboxed', 1_000], 'null')
  expect(requests.map(({ body }) => body)).toEqual(['mine'])
})

test('the bridge names the pinned origin in every exchange, and answers on the port of the question alone', () => {
  const { tell, said, requests, frames, window } = load()
  tell(['post', 'a', 1_000])
  tell(['post', 'b', 1_000])
  tell(['stream', 'a ticket&'])
  Object.assign(requests[0]!, { status: 200, responseText: '{}' }).onload()
  requests[1]!.ontimeout()
  window.rungsPacket!('{"ready":1}')
  frames[0]!.onload()
  expect(said).toEqual([
    [[200, '{}'], 0],
    [[0, ''], 1],
    [[200, '{"ready":1}'], 2],
    [[0, ''], 2],
  ])
  for (const { method, url, headers } of requests) {
    expect([method, url, headers]).toEqual(['POST', '/rungs', { 'Rungs-Origin': PAGE }])
  }
  expect(frames[0]!.src).toBe('/rungs/forever-iframe?ticket=a%20ticket%26')
  expect(SCRIPT).not.toMatch(/parent\.|'\*'/)
})

test('the bridge holds one stream: a new one takes the place of the one before', () => {
  const { tell, abort, frames, said } = load()
  tell(['stream', 'a'])
  tell(['stream', 'b'])
  abort(0)
  expect(frames.map(({ src }) => src)).toEqual(['/rungs/forever-iframe?ticket=b'])
  frames[0]!.onload()
  expect(said).toEqual([[[0, ''], 1]])
})

test('the bridge ends a stream that its page stops, once', () => {
  const { tell, abort, frames, said } = load()
  tell(['stream', 'a'])
  abort(0)
  abort(0)
  expect([frames, said]).toEqual([[], []])
})

test('the bridge aborts an exchange that its page stops, and no other', () => {
  const { tell, abort, requests } = load()
  tell(['post', 'a', 1_000])
  tell(['post', 'b', 1_000])
  abort(1)
  expect(requests.map(({ aborted }) => aborted)).toEqual([false, true])
})

test('the bridge ignores a message without a port for the answer', () => {
  const { tellWithoutPort, requests, frames } = load()
  tellWithoutPort(['post', 'a', 1_000])
  tellWithoutPort(['stream', 'a'])
  expect([requests, frames]).toEqual([[], []])
})

test.each([
  undefined,
  null,
  7,
  'post',
  [],
  [[]],
  {},
  ['post', {}],
  ['__proto__', 'constructor'],
  ['other', 1],
])('the bridge ignores the message %j', (message) => {
  const { tell, said, requests, frames } = load()
  tell(message)
  expect([said, requests, frames]).toEqual([[], [], []])
})

test('a script of the stream passes its packet to the bridge, and leaves the document', () => {
  const stream = readFileSync(new URL('../../assets/stream.js', import.meta.url), 'utf8')
  const packets: string[] = []
  const removed: unknown[] = []
  const currentScript = { parentNode: { removeChild: (node: unknown) => removed.push(node) } }
  const page = createContext({
    document: { currentScript },
    parent: { rungsPacket: (text: string) => packets.push(text) },
  })
  runInContext(stream, page)
  runInContext(`p('{"ready":1}')`, page)
  expect(packets).toEqual(['{"ready":1}'])
  expect(removed).toEqual([currentScript])
})

test('the bridge closes a port after its last answer, or when its page stops it, and not before', () => {
  const { tell, abort, closed, requests, frames, window } = load()
  tell(['post', 'answered', 1_000])
  tell(['post', 'aborted', 1_000])
  tell(['stream', 'ended'])
  window.rungsPacket!('{}')
  expect(closed).toEqual([])
  requests[0]!.onload()
  abort(1)
  frames[0]!.onload()
  expect(closed).toEqual([0, 1, 2])
  tell(['stream', 'aborted'])
  abort(3)
  expect(closed).toEqual([0, 1, 2, 3])
})
