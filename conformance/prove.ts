/** Every test is named with a section of PROTOCOL.md and a sentence in it, and does not exist without them. */
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'

const oneLine = (text: string): string => text.replace(/\s+/g, ' ')

const protocol = readFileSync(new URL('../PROTOCOL.md', import.meta.url), 'utf8')

/** Text of each section, by number, without that of the sections below it. */
export const sections: ReadonlyMap<string, string> = new Map(
  protocol.split(/^(?=#{2,3} \d)/m).flatMap((part): [string, string][] => {
    const number = /^#+ ([\d.]+?)\.? /.exec(part)?.[1]
    return number ? [[number, oneLine(part)]] : []
  }),
)

export interface EndRow {
  readonly status: number
  readonly code: number
  readonly then: string
}

/** The table of section 8. */
export const ENDS: ReadonlyMap<string, EndRow> = new Map(
  [...protocol.matchAll(/^\| `([\w-]+)` \| (\d+) \| \d* ?\| (\w+) \|/gm)].map((found) => {
    const status = Number(found[2])
    return [found[1]!, { status, code: 4_000 + status, then: found[3]! }]
  }),
)

export interface Proof {
  /** Tells tests of one sentence apart. */
  readonly with?: string
  /** The sentence speaks of seconds: the test has three minutes, and runs beside others. */
  readonly slow?: true
  /** The one under test lacks what the test needs. */
  readonly skip?: boolean
}

/** Where packets that break a rule are noted, whatever the test is about; see `rules.ts`. */
export const violations: string[] = []

/** Milliseconds for a test of what takes its time. */
const SLOW = Number(process.env.CONFORMANCE_PATIENCE_OF_SLOW ?? 180_000)

/** A test of what a sentence of a section says. */
export function prove(
  section: string,
  sentence: string,
  body: () => Promise<void>,
  { with: example, slow, skip = false }: Proof = {},
): void {
  const text = sections.get(section)
  if (!text) throw new Error(`PROTOCOL.md has no section ${section}`)
  if (!text.includes(sentence)) throw new Error(`PROTOCOL.md ${section} does not say: ${sentence}`)
  const name = `${section} ${sentence}${example ? ` [${example}]` : ''}`
  test(name, slow ? { timeout: SLOW, concurrent: true, skip } : { skip }, async () => {
    await body()
    expect(violations.splice(0), 'rules that hold for every packet').toEqual([])
  })
}
