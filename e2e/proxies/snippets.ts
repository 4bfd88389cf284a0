/** Configurations from docs/proxies.md, so that what is documented and what is tested cannot differ. */
import { readFileSync } from 'node:fs'

const DOCUMENT = new URL('../../docs/proxies.md', import.meta.url)

/** `<!-- tested as NAME -->`, then a fenced block. */
const SNIPPET = /<!-- tested as ([\w-]+) -->\n+```\w*\n(.*?)```/gs

const snippets = new Map<string, string>()
for (const [, name = '', text = ''] of readFileSync(DOCUMENT, 'utf8').matchAll(SNIPPET))
  snippets.set(name, text)

/**
 * A snippet with these texts replaced: where the proxy listens, and the servers' addresses.
 * @throws Error if the document has no such snippet, or the snippet lacks one of the texts.
 */
export function snippet(name: string, replacements: Readonly<Record<string, string>>): string {
  const text = snippets.get(name)
  if (text === undefined) throw new Error(`docs/proxies.md has no <!-- tested as ${name} -->`)
  return replaceTexts(text, replacements)
}

/** The servers' addresses in place of those in the snippets, `127.0.0.1:8080` and `127.0.0.1:8081`. */
export function addresses(
  servers: readonly string[],
  count: number,
): Readonly<Record<string, string>> {
  return Object.fromEntries(
    servers.slice(0, count).map((server, index) => [`127.0.0.1:${8080 + index}`, server]),
  )
}

/** @throws Error if one of the texts is not there: a change that is not made would test nothing. */
export function replaceTexts(text: string, replacements: Readonly<Record<string, string>>): string {
  let result = text
  for (const [old, replacement] of Object.entries(replacements)) {
    if (!result.includes(old)) throw new Error(`there is no ${old} in:\n${text}`)
    result = result.replaceAll(old, replacement)
  }
  return result
}
