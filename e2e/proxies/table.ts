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
  /** What was expected and is not so. */
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
    (carries ?? 'none') + (resets ? `, ${resets} resets` : ''),
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

export function render(rows: readonly Row[]): string {
  const order = ({ proxy, configuration }: Row): number => {
    const place = PROXIES.findIndex(({ name }) => name === proxy)
    const all = PROXIES[place]?.configurations ?? []
    return place * 1_000 + all.findIndex(({ name }) => name === configuration)
  }
  const sorted = rows.toSorted((a, b) => order(a) - order(b) || (a.browser < b.browser ? -1 : 1))
  return (
    line(TITLES) + line(TITLES.map(() => '---')) + sorted.map((row) => line(cells(row))).join('')
  )
}

export default class Table implements Reporter {
  readonly #rows: Row[] = []

  onTestEnd(_test: TestCase, { attachments }: TestResult): void {
    for (const { name, body } of attachments)
      if (name === 'row' && body) this.#rows.push(JSON.parse(String(body)) as Row)
  }

  onEnd(): void {
    if (!this.#rows.length) return
    const table = render(this.#rows)
    console.log(`\n${table}`)
    if (process.env.PROXIES_WRITE !== '1') return
    const document = readFileSync(DOCUMENT, 'utf8')
    const [before, rest = ''] = document.split(BEGIN)
    const [, after] = rest.split(END)
    if (after === undefined) throw new Error(`docs/proxies.md lacks ${BEGIN} or ${END}`)
    writeFileSync(DOCUMENT, before + BEGIN + table + END + after)
  }
}
