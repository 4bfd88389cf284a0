/** Every test is named with a section of PROTOCOL.md and a sentence in it, and does not exist without them. */
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import type { Socket } from './client.ts'
import type { Answer, Down } from './wire.ts'

const oneLine = (text: string): string => text.replace(/\s+/g, ' ')

/** Text of each section, by number, without that of the sections below it. */
const sections = new Map<string, string>()

const protocol = readFileSync(new URL('../PROTOCOL.md', import.meta.url), 'utf8')
for (const part of protocol.split(/^(?=#{2,3} \d)/m)) {
  const number = /^#+ ([\d.]+?)\.? /.exec(part)?.[1]
  if (number) sections.set(number, oneLine(part))
}

interface End {
  readonly status: number
  readonly code: number
  readonly then: string
}

/** The table of section 8. */
const ends = new Map<string, End>()
for (const found of protocol.matchAll(/^\| `([\w-]+)` \| (\d+) \| \d* ?\| (\w+) \|/gm)) {
  const status = Number(found[2])
  ends.set(found[1]!, { status, code: 4_000 + status, then: found[3]! })
}

export interface Proof {
  /** Tells tests of one sentence apart. */
  readonly with?: string
  /** The sentence speaks of seconds: the test has three minutes, and runs beside others. */
  readonly slow?: true
}

/** A test that the server does what a sentence of a section says. */
export function prove(
  section: string,
  sentence: string,
  body: () => Promise<void>,
  { with: example, slow }: Proof = {},
): void {
  const text = sections.get(section)
  if (!text) throw new Error(`PROTOCOL.md has no section ${section}`)
  if (!text.includes(sentence)) throw new Error(`PROTOCOL.md ${section} does not say: ${sentence}`)
  const name = `${section} ${sentence}${example ? ` [${example}]` : ''}`
  test(name, slow ? { timeout: 180_000, concurrent: true } : {}, body)
}

/** What the table says about a type of end. */
function row(type: string): End {
  const end = ends.get(type)
  if (!end) throw new Error(`PROTOCOL.md 8 has no ${type}`)
  return end
}

/** The packet's end is one of this type, and says what the table says. */
export function expectEnd({ end }: Down, type: string): void {
  expect(end?.slice(0, 1).concat(end.slice(2, 3))).toEqual([type, row(type).then])
  expect(end![1]).toEqual(expect.any(String))
}

/** An answer refuses its request, or ends it. */
export function expectRefused(answer: Answer, type: string): void {
  expectEnd(answer.packet, type)
  expect(answer.status).toBe(row(type).status)
}

/** A WebSocket is refused or ends. */
export async function expectClosed({ closed, feed }: Socket, type: string): Promise<void> {
  const { code, reason } = await closed
  expectEnd(feed.packets.at(-1) ?? {}, type)
  expect([code, reason]).toEqual([row(type).code, type])
}
