/** Messages as texts that Redis keeps: "size bytes length envelope\nbody". A log puts a tag and a total before them. */
import type { Peer } from 'rungs/protocol'
import { OutgoingMessage } from '../store/outgoing-message.ts'

/** The rest of a message: kind, recipients, bytes before encoding, and whether the body is bytes in base64. */
type Envelope = readonly [kind: number, peer: Peer, size: number, isBinary: boolean]

export function encodeMessage(message: OutgoingMessage): string {
  const { body, size, kind, peer, encodedSize, entryBytes } = message
  const isBinary = typeof body !== 'string'
  const envelope: Envelope = [kind, peer, size, isBinary]
  const text = isBinary ? toBase64(body) : body
  return `${encodedSize} ${entryBytes} ${body.length} ${JSON.stringify(envelope)}\n${text}`
}

export function decodeMessage(text: string): OutgoingMessage {
  const end = text.indexOf('\n')
  const start = text.indexOf('[')
  const [kind, peer, size, isBinary] = JSON.parse(text.slice(start, end)) as Envelope
  const body = text.slice(end + 1)
  return new OutgoingMessage({ kind, peer, size, body: isBinary ? fromBase64(body) : body })
}

/** The message of an entry of a log, which has a tag and a total before it. */
export function messageOfEntry(entry: string): OutgoingMessage {
  return decodeMessage(entry.slice(entry.indexOf(' ', entry.indexOf(' ') + 1) + 1))
}

/** The tag of an entry of a log. */
export function tagOf(entry: string): string {
  return entry.slice(0, entry.indexOf(' '))
}

/** A part of a message up: JSON text, or base64. A text may be cut between two surrogates, which only JSON can say in UTF-8. */
export function encodePart(data: string | Uint8Array): string {
  return typeof data === 'string' ? JSON.stringify(data) : toBase64(data)
}

export function decodePart(text: string): string | Uint8Array {
  return text.startsWith('"') ? (JSON.parse(text) as string) : fromBase64(text)
}

function toBase64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64')
}

function fromBase64(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text, 'base64'))
}
