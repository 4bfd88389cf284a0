/** Snippets of pages in `docs`, run as they stand there. */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { onTestFinished } from 'vitest'

const fileOf = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url))

export const readPage = (page: string): string => readFileSync(fileOf(`docs/${page}`), 'utf8')

/** The JavaScript of a page behind the comment `tested as name`. */
export function readSnippet(page: string, name: string): string {
  const pattern = new RegExp(`<!-- tested as ${name} -->\\s+\`\`\`js\\n([^]*?)\`\`\``)
  const [, snippet = ''] = pattern.exec(readPage(page)) ?? []
  return snippet
}

/** Writes a module where its packages are found, until the test has finished. Returns its path. */
export function writeModule(name: string, text: string): string {
  const folder = fileOf('node_modules/.cache/rungs-snippets')
  mkdirSync(folder, { recursive: true })
  const file = `${folder}/${name}-${process.pid}.mjs`
  writeFileSync(file, text)
  onTestFinished(() => rmSync(file))
  return file
}
