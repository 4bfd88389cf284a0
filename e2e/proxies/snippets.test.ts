import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { replaceTexts, snippet } from './snippets.ts'

const document = readFileSync(new URL('../../docs/proxies.md', import.meta.url), 'utf8')

test('every block of docs/proxies.md is a snippet that is tested under its name', () => {
  const blocks = document.match(/^```\w+$/gm) ?? []
  const names = [...document.matchAll(/^<!-- tested as ([\w-]+) -->$/gm)].map(([, name]) => name!)
  expect(names).toHaveLength(blocks.length)
  for (const name of names) expect(snippet(name, {})).not.toBe('')
})

test('a text that a snippet lacks is an error, because nothing would be tested', () => {
  expect(replaceTexts('listen 80;', { '80': '8080' })).toBe('listen 8080;')
  expect(() => replaceTexts('listen 80;', { '443': '8443' })).toThrow('there is no 443')
  expect(() => snippet('no-such-proxy', {})).toThrow('tested as no-such-proxy')
})
