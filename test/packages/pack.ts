/** Packs the packages as npm would publish them, once for all tests, into a folder that is removed after the last one. */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestProject } from 'vitest/node'

declare module 'vitest' {
  interface ProvidedContext {
    /** For all projects of the run; outside of the repository, or they would find its `node_modules`. */
    folder: string
    /** Paths of the tarballs, by the names of their packages. */
    tarballs: { readonly [name: string]: string }
  }
}

export default function pack(project: TestProject): () => void {
  const folder = mkdtempSync(join(tmpdir(), 'rungs-packages-'))
  const output = execFileSync(
    'npm',
    [
      ...['pack', '--json', '--silent', '--pack-destination', folder],
      ...['--workspaces', '--include-workspace-root'],
    ],
    { encoding: 'utf8', maxBuffer: 10_000_000 },
  )
  project.provide('folder', folder)
  const packed = JSON.parse(output) as { name: string; filename: string }[]
  project.provide(
    'tarballs',
    Object.fromEntries(packed.map(({ name, filename }) => [name, join(folder, filename)])),
  )
  return () => rmSync(folder, { recursive: true })
}
