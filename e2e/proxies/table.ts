/** Playwright's reporter for the table: a row for each configuration and browser, written into docs/proxies.md if asked. */
import { readFileSync, writeFileSync } from 'node:fs'
import type { Reporter, TestCase, TestResult } from '@playwright/test/reporter'
import { PROXIES } from './list.ts'
import type { Outcome } from './trial.ts'

export interface Row {
  readonly proxy: string
  readonly configuration: string
  readonly browser: string
  readonly outcomes: Readonly<Record<string, Outcome>>
  /** Expectations that are not met, in words. */
  readonly wrong: readonly string[]
}

const DOCUMENT = new URL('../../docs/proxies.md', import.meta.url)
const BEGIN = '<!-- written by `npm run test:proxies -- --write` -->\n'
const END = '<!-- end of the table -->\n'

const TITLES = [
  'proxy',
  'configuration',
  'browser',
  'carries',
  'first echo',
  'messages each way',
  'not open',
  '`diagnose()`',
  'Socket.IO',
  'SockJS',
  '',
]

/** The messages of both ways: `exact` if all came once and in order. */
function traffic({ usable, up, down }: Outcome): string {
  if (usable === null || !up || !down) return 'none'
  const words: string[] = []
  for (const [way, { lost, repeated, reordered }] of Object.entries({ up, down })) {
    if (lost) words.push(`${lost} lost ${way}`)
    if (repeated) words.push(`${repeated} repeated ${way}`)
    if (reordered) words.push(`${reordered} reordered ${way}`)
  }
  return words.join(', ') || `exact, ${up.received} and ${down.received}`
}

function peer(outcome: Outcome | undefined): string {
  if (!outcome) return ''
  if (outcome.usable === null) return 'never'
  return `${outcome.page.transport ?? 'none'}, ${traffic(outcome).replace(/^exact,.*/, 'exact')}`
}

function verdict({ diagnosis }: Outcome): string {
  if (!diagnosis) return ''
  const failed = diagnosis.transports
    .filter(({ problem }) => problem)
    .map(({ transport, problem }) => `${transport} ${problem}`)
  return [diagnosis.use ?? 'nothing works', ...failed].join(', ')
}

function cells({ proxy, configuration, browser, outcomes, wrong }: Row): string[] {
  const own = outcomes.rungs!
  const { usable, page, before } = own
  const resets = page.resets.length
  const carries = page.state === 'closed' ? `closed: ${page.states.at(-1)?.reason}` : page.transport
  const left = page.states.slice(before.states).filter(({ state }) => state !== 'open').length
  return [
    proxy,
    configuration,
    browser,
    (carries ?? 'none') + (resets ? `, ${resets} ${resets > 1 ? 'resets' : 'reset'}` : ''),
    usable === null ? 'never' : `${usable} ms`,
    traffic(own),
    usable === null ? '' : String(left),
    verdict(own),
    peer(outcomes['socket.io']),
    peer(outcomes.sockjs),
    wrong.length ? 'FAIL' : 'pass',
  ]
}

const line = (values: readonly string[]): string => `| ${values.join(' | ')} |\n`

const HEAD = line(TITLES) + line(TITLES.map(() => '---'))

/** Beginnings of the lines, in the order of the table. */
const BEGINNINGS = PROXIES.flatMap(({ name: proxy, configurations }) =>
  configurations.flatMap(({ name, browsers = ['chromium'] }) =>
    browsers.map((browser) => `| ${proxy} | ${name} | ${browser} | `),
  ),
)

/** The table of these lines; of two that begin alike, the later one. */
function tableOf(lines: readonly string[]): string {
  const sorted = BEGINNINGS.flatMap(
    (begin) => lines.findLast((each) => each.startsWith(begin)) ?? [],
  )
  return HEAD + sorted.join('')
}

export default class Table implements Reporter {
  readonly #rows: Row[] = []

  onTestEnd(_test: TestCase, { attachments }: TestResult): void {
    for (const { name, body } of attachments)
      if (name === 'row' && body) this.#rows.push(JSON.parse(String(body)) as Row)
  }

  onEnd(): void {
    if (!this.#rows.length) return
    const lines = this.#rows.map((row) => line(cells(row)))
    console.log(`\n${tableOf(lines)}`)
    if (process.env.PROXIES_WRITE !== '1') return
    const document = readFileSync(DOCUMENT, 'utf8')
    const [before, rest = ''] = document.split(BEGIN)
    const [table, after] = rest.split(END)
    if (table === undefined || after === undefined)
      throw new Error(`docs/proxies.md lacks ${BEGIN} or ${END}`)
    // A run of some proxies leaves the lines of the others.
    const written = table.split(/^/m)
    writeFileSync(DOCUMENT, before + BEGIN + tableOf([...written, ...lines]) + END + after)
  }
}
