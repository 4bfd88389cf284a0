/**
 * Faults of a request, in the order in which a server looks for them (PROTOCOL.md 6.4). Each is a change to a request that would
 * be served, so that a request can have two of them.
 */
import { gzipSync } from 'node:zlib'
import { Socket, openSocket, type Fields } from './carriers.ts'
import { Client, randomKey, type Position } from './client.ts'
import { ask, type Answer, type Headers } from './wire.ts'

export interface Request {
  readonly method: string
  readonly below: string
  readonly headers: Headers
  readonly attach: Fields
  /** Other fields of the first packet. */
  readonly fields: Fields
  /** Makes the text of the first packet something else. */
  readonly spoil?: (text: string) => string | Buffer
  readonly encode?: (body: Buffer) => Buffer
}

/** A session of alice, whose page has generation 1, whose mark is 10, with two messages in its log down; and one that has ended. */
export interface Scene {
  readonly client: Client
  readonly ended: Client
}

export async function makeScene(): Promise<Scene> {
  const client = new Client()
  client.token = 'user:alice'
  client.page = [1, 'alice']
  await client.exchange()
  await client.send(1, 'a', 'b')
  await client.read()
  await client.exchange({}, { t: 20, want: 10 })
  client.t = 20
  const ended = new Client()
  ended.token = 'user:alice'
  await ended.exchange({ bye: [0, 4000, 'enough'] })
  await ended.settledEnd()
  return { client, ended }
}

/** A request of the session that would be served. It asks for hello, so that its user is looked at. */
export function goodRequest({ client }: Scene): Request {
  const attach = client.attach({ want: 10 })
  return { method: 'POST', below: '', headers: {}, attach, fields: { hello: 1 } }
}

const withAttach =
  (attach: Fields) =>
  (request: Request): Request => ({ ...request, attach: { ...request.attach, ...attach } })

const withFields =
  (fields: Fields) =>
  (request: Request): Request => ({ ...request, fields: { ...request.fields, ...fields } })

export interface Fault {
  readonly name: string
  /** Type of the end. */
  readonly type: string
  /** Step of 6.4. Of two faults of one step, none comes first. */
  readonly step: number
  /** A WebSocket can have it, too. */
  readonly onSocket: boolean
  /** Names of later faults that a request with this one cannot have. */
  readonly excludes?: readonly string[]
  readonly apply: (request: Request, scene: Scene) => Request
}

const ABOVE_HEAD: Position = [99, '']

export const FAULTS: readonly Fault[] = [
  {
    name: 'an unknown path',
    type: 'not-found',
    step: 1.1,
    onSocket: false,
    apply: (request) => ({ ...request, below: '/nothing' }),
  },
  {
    name: 'another method',
    type: 'method-not-allowed',
    step: 1.2,
    onSocket: false,
    apply: (request) => ({ ...request, method: 'PUT' }),
  },
  {
    name: 'an encoded body',
    type: 'unsupported-encoding',
    step: 1.3,
    onSocket: false,
    apply: (request) => ({
      ...request,
      headers: { ...request.headers, 'Content-Encoding': 'gzip' },
      encode: gzipSync,
    }),
  },
  {
    name: 'a foreign origin',
    type: 'origin-refused',
    step: 1.4,
    onSocket: true,
    apply: (request) => ({
      ...request,
      headers: { ...request.headers, Origin: 'http://foreign.example' },
    }),
  },
  {
    name: 'a first packet that is too large',
    type: 'too-large',
    step: 3.1,
    onSocket: true,
    apply: withFields({ padding: 'x'.repeat(16_384) }),
  },
  {
    name: 'a text that is no JSON',
    type: 'malformed',
    step: 3.2,
    onSocket: true,
    excludes: ['another version', 'a wrong field'],
    apply: (request) => ({ ...request, spoil: (text) => text.slice(0, -1) }),
  },
  {
    name: 'another version',
    type: 'unsupported-version',
    step: 3.3,
    onSocket: true,
    apply: withAttach({ version: 2 }),
  },
  {
    name: 'a wrong field',
    type: 'malformed',
    step: 3.4,
    onSocket: true,
    apply: withFields({ probe: 'yes' }),
  },
  {
    name: 'a token that is refused',
    type: 'unauthorized',
    step: 4,
    onSocket: true,
    excludes: ['the token of another user'],
    apply: withAttach({ token: 'refuse' }),
  },
  {
    name: 'the key of a session that has ended',
    type: 'closed',
    step: 5.1,
    onSocket: true,
    excludes: ['a new session at a later position'],
    apply: (request, { ended }) => withAttach({ key: ended.key })(request),
  },
  {
    name: 'an unknown epoch',
    type: 'gone',
    step: 5.2,
    onSocket: true,
    excludes: ['a new session at a later position'],
    apply: withAttach({ epoch: 'unknown' }),
  },
  {
    name: 'a new session at a later position',
    type: 'lost',
    step: 5.3,
    onSocket: true,
    excludes: [
      'the token of another user',
      'a page that does not hold it',
      'a t below the mark',
      'a position above the head',
    ],
    apply: (request) =>
      withFields({ ack: ABOVE_HEAD })(withAttach({ key: randomKey(), epoch: undefined })(request)),
  },
  {
    name: 'the token of another user',
    type: 'forbidden',
    step: 6,
    onSocket: true,
    apply: withAttach({ token: 'user:mallory' }),
  },
  {
    name: 'a page that does not hold it',
    type: 'taken',
    step: 7,
    onSocket: true,
    apply: withAttach({ page: [1, 'a copy'] }),
  },
  {
    name: 'a t below the mark',
    type: 'superseded',
    step: 8,
    onSocket: true,
    apply: withAttach({ t: 9, want: 1 }),
  },
  {
    name: 'a position above the head',
    type: 'lost',
    step: 9,
    onSocket: true,
    apply: withFields({ ack: ABOVE_HEAD }),
  },
]

const textOf = ({ attach, fields, spoil }: Request): string | Buffer => {
  const text = JSON.stringify({ attach, ...fields })
  return spoil ? spoil(text) : text
}

/** Sends a request as an exchange. */
export function sendRequest(request: Request): Promise<Answer> {
  const { method, below, headers, encode } = request
  const text = Buffer.from(textOf(request) as Uint8Array)
  return ask(method, below, headers, encode ? encode(text) : text)
}

/** Sends a request as the first frame of a WebSocket. */
export async function attachRequest(request: Request): Promise<Socket> {
  const socket = await openSocket(request.headers)
  socket.sendRaw(textOf(request), false)
  return socket
}
