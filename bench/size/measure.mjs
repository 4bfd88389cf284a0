/** Bytes of brotli 11 that each client adds to one application: the difference from the application without it. */
import { copyFile, cp, mkdir, mkdtemp, realpath, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { brotliCompressSync } from 'node:zlib'
import { BUNDLERS } from './bundlers.mjs'

const here = (path) => fileURLToPath(new URL(path, import.meta.url))

/** Node's default is quality 11, the highest. */
export const compressed = (code) => brotliCompressSync(code).length

/** A project like a user's: the application in a folder of its own, the clients in its `node_modules`. */
async function createProject(packages) {
  const root = await realpath(await mkdtemp(join(tmpdir(), 'rungs-size-')))
  for (const [name, folder] of Object.entries(packages)) {
    const link = join(root, 'node_modules', name)
    await mkdir(dirname(link), { recursive: true })
    await symlink(folder, link)
  }
  return root
}

async function sizes(root, client) {
  const app = join(root, 'app')
  await rm(app, { recursive: true, force: true })
  await cp(here('app'), app, { recursive: true })
  await copyFile(here(`clients/${client}.js`), join(app, 'channel.js'))
  const result = {}
  for (const [bundler, build] of Object.entries(BUNDLERS)) {
    result[bundler] = compressed((await build(app)).join('\n'))
  }
  return result
}

/** Measures clients, by the names of their files in `clients/`: for each, the bytes that it adds with each bundler. */
export async function measure(clients, packages) {
  const root = await createProject(packages)
  try {
    const without = await sizes(root, 'none')
    const added = {}
    for (const client of clients) {
      const total = await sizes(root, client)
      added[client] = Object.fromEntries(
        Object.entries(total).map(([bundler, size]) => [bundler, size - without[bundler]]),
      )
    }
    return added
  } finally {
    await rm(root, { recursive: true })
  }
}
