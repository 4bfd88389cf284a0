/** docs/reasons.md has a row for each reason in the code. */
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { END } from '../src/protocol.ts'
import { sources } from './imports.ts'

const read = (path: string): string => readFileSync(new URL(`../${path}`, import.meta.url), 'utf8')
const all = (folder: string): string =>
  sources(folder)
    .map((file) => read(`${folder}/${file}`))
    .join('\n')
const found = (text: string, pattern: RegExp): string[] =>
  [...text.matchAll(pattern)].map(([, name]) => name!)
/** The names of a union, from its line on to the end of it. */
const union = (text: string, name: string): string[] => {
  const [, body = ''] = new RegExp(`type ${name} =([^]*?)\\n\\n`).exec(text) ?? []
  return found(body, /^ {2}\| '([a-z-]+)'/gm)
}

const rows = new Set(found(read('docs/reasons.md'), /^\| `([^`]+)` \|/gm))
const client = all('src')
const server = all('server/src')

const [, reasonWords = ''] =
  /const REASON_WORDS[^]*?= \{\n([^]*?)\n\}/.exec(read('src/diagnose/report.ts')) ?? []

const REASONS = {
  'what ends attempts': [
    ...found(client, /\b(?:fail|closed|closeRacers|finish)\('([a-z-]+)'\)/g),
    ...found(client, /\brestart\('([a-z-]+)'/g),
    ...found(client, /\bclose\(\w+, '([a-z-]+)'/g),
    ...found(client, /\breason = '([a-z-]+)'/g),
    ...found(client, /\breason: '([a-z-]+)'/g),
    ...found(client, /\? '([a-z-]+)' : 'unreachable'/g),
    ...found(client, /_CHANGED = '([a-z-]+)'/g),
    ...found(client, /suspicion \|\| '([a-z-]+)'/g),
    ...found(client, /\? suspicion \|\| '[a-z-]+' : '([a-z-]+)'/g),
    'http-…',
    'closed-…',
    'auth: …',
  ],
  'ends of the protocol': Object.keys(END),
  'sessions that are gone': found(server, /type: 'gone', reason: '([a-z-]+)'/g),
  'events of the log': union(read('server/src/options.ts'), 'LogEventName'),
  'problems of a diagnosis': union(read('src/diagnose/types.ts'), 'Problem'),
  'reasons of a diagnosis': [...found(reasonWords, /^ {2}'([a-z-]+)':/gm), 'bridge-http-…'],
} as const

test.each(Object.entries(REASONS))('%s have their rows', (_, reasons) => {
  expect(reasons.length).toBeGreaterThan(4)
  expect([...new Set(reasons)].filter((reason) => !rows.has(reason))).toEqual([])
})

test('no reason has two rows', () => {
  const names = found(read('docs/reasons.md'), /^\| `([^`]+)` \|/gm)
  expect(names.filter((name, index) => names.indexOf(name) < index)).toEqual([])
})
