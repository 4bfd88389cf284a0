/** The packages as npm would publish them: run `npm run build` first. */
import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { posix } from 'node:path'
import { expect, test } from 'vitest'

interface Tarball {
  readonly name: string
  readonly files: readonly { readonly path: string }[]
}

const FOLDERS: Readonly<Record<string, string>> = {
  rungs: '.',
  '@rungs/server': 'server',
  'rungs-faults': 'e2e/faults',
}

const packed = JSON.parse(
  execFileSync(
    'npm',
    ['pack', '--dry-run', '--json', '--silent', '--workspaces', '--include-workspace-root'],
    { encoding: 'utf8', maxBuffer: 10_000_000 },
  ),
) as Tarball[]

const tarballs = packed.map(({ name, files }) => ({
  name,
  folder: FOLDERS[name] ?? 'a package that this test does not know',
  paths: files.map(({ path }) => path),
}))

/** `#8-ends`, as GitHub makes it from the heading `## 8. Ends`. */
function anchors(markdown: string): string[] {
  return [...markdown.matchAll(/^#+ (.+)$/gm)].map(
    ([, heading]) =>
      '#' +
      heading!
        .toLowerCase()
        .replace(/[^\w\s-]/g, '')
        .replace(/\s/g, '-'),
  )
}

/** The relative links of a document, as paths in its package; those that lead nowhere. */
function deadLinks({ folder, paths }: (typeof tarballs)[number], document: string): string[] {
  const text = readFileSync(posix.join(folder, document), 'utf8')
  return [...text.matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, link]) => link!)
    .filter((link) => !/^https?:/.test(link))
    .filter((link) => {
      const [file, anchor] = link.split('#')
      const target = file ? posix.join(posix.dirname(document), file) : document
      if (!paths.includes(target)) return true
      return (
        anchor && !anchors(readFileSync(posix.join(folder, target), 'utf8')).includes(`#${anchor}`)
      )
    })
}

/** The texts in a JSON value, keys not counted. */
function strings(value: unknown): string[] {
  if (typeof value === 'string') return [value]
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(strings) : []
}

test('all packages are packed', () => {
  expect(tarballs.map(({ name }) => name).sort()).toEqual(Object.keys(FOLDERS).sort())
})

test.each(tarballs)('$name has its documents, and their links lead somewhere', (tarball) => {
  const documents = tarball.paths.filter((path) => path.endsWith('.md'))
  expect(documents).toEqual(expect.arrayContaining(['CHANGELOG.md', 'README.md']))
  expect(tarball.paths).toContain('LICENSE')
  const dead = documents.flatMap((document) =>
    deadLinks(tarball, document).map((link) => `${document}: ${link}`),
  )
  expect(dead).toEqual([])
})

test.each(tarballs)('$name has every file that its package.json names', ({ folder, paths }) => {
  const text = readFileSync(posix.join(folder, 'package.json'), 'utf8')
  const named = strings(JSON.parse(text))
    .filter((value) => value.startsWith('./'))
    .map((path) => posix.normalize(path))
  expect(named.length).toBeGreaterThan(0)
  expect(named.filter((path) => !paths.includes(path))).toEqual([])
})

test.each(tarballs)(
  '$name has no tests, and no source map without its sources',
  ({ folder, paths }) => {
    expect(paths.filter((path) => path.includes('.test.'))).toEqual([])
    const missing = paths
      .filter((path) => path.endsWith('.map'))
      .flatMap((path) => {
        const { sources } = JSON.parse(readFileSync(posix.join(folder, path), 'utf8')) as {
          sources: string[]
        }
        return sources.map((source) => posix.join(posix.dirname(path), source))
      })
      .filter((source) => !paths.includes(source))
    expect(missing).toEqual([])
  },
)

test.each(['core', 'diagnose', 'protocol'])(
  'tools that ignore `exports` find rungs/%s by its folder',
  (entry) => {
    const { main, module, types } = JSON.parse(readFileSync(`${entry}/package.json`, 'utf8')) as {
      [field: string]: string
    }
    const { exports } = JSON.parse(readFileSync('package.json', 'utf8')) as {
      exports: { [entry: string]: { import: object; require: object } }
    }
    const path = (file = ''): string => `./${posix.join(entry, file)}`
    expect(exports[`./${entry}`]).toEqual({
      import: { types: path(types), default: path(module) },
      require: { types: path(types).replace(/\.ts$/, '.cts'), default: path(main) },
    })
    expect(existsSync(path(main))).toBe(true)
  },
)
