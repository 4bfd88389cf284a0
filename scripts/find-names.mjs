// Searches for the names that make the bundles smallest, and keeps them in names.json: `npm run names -- --minutes 10`,
// so many for each of the two.
// It goes on from those that are there, so it is worth running again after a larger change, and as often as you like.
import { readFileSync, writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { brotliCompressSync } from 'node:zlib'
import { rollup } from 'rollup'
import configs from '../rollup.config.js'
import { imported, minified } from './application.mjs'
import { ALONE, MODULE, NAMES, compress } from './minify.mjs'
import { LETTERS, choose, print, read, rename } from './names.mjs'

const { values } = parseArgs({ options: { minutes: { type: 'string', default: '5' } } })
const minutes = Number(values.minutes)
if (!(minutes > 0)) throw new Error(`--minutes takes a number above 0, not ${values.minutes}`)

const any = (list) => list[Math.floor(Math.random() * list.length)]

/** A bundle with all its names. */
async function load(file) {
  const bundle = await rollup(configs.find(({ output }) => output.file === file))
  const { output } = await bundle.generate({ format: 'es' })
  return read((await compress(output[0].code, MODULE)).code, MODULE)
}

/** Takes one change after another that makes nothing larger, for so many minutes. */
async function search(what, first, changed, sizeOf) {
  let names = first
  let size = await sizeOf(names)
  console.log(`${what}: ${size} bytes with the names that are known`)
  for (const until = Date.now() + minutes * 60_000; Date.now() < until;) {
    const next = changed(names)
    const result = await sizeOf(next)
    // One that is no better may lead to one that is.
    if (result > size) continue
    names = next
    size = result
  }
  console.log(`${what}: ${size} bytes with the best that were found`)
  return names
}

/** The names that are known, and those that the others get without them: what occurs most often chooses first. */
function complete(program, { properties, variables: known }) {
  const uses = new Map()
  for (const { name, at } of program.variables) uses.set(name, (uses.get(name) ?? 0) + at.length)
  const frequent = [...uses.keys()].sort((a, b) => uses.get(b) - uses.get(a))
  const order = new Set([...Object.keys(known), ...frequent])
  const wanted = Object.fromEntries([...order].map((name) => [name, known[name] ?? '']))
  const variables = Object.fromEntries(
    [...order].filter((name) => uses.has(name)).map((name) => [name, '']),
  )
  for (const [{ name }, [letter]] of choose(program, wanted)) variables[name] += letter
  return { properties, variables }
}

/** The same with another letter for one of them; who had that letter takes the other. */
function otherProperty(properties) {
  const keys = Object.entries(properties)
  const key = any(keys)
  const letter = any(LETTERS)
  const owner = keys.find(([, taken]) => taken === letter)
  if (owner) owner[1] = key[1]
  key[1] = letter
  return Object.fromEntries(keys)
}

/** The same with one change: other letters, or two that change their letters or their turns. */
function otherVariable(variables) {
  const list = Object.entries(variables)
  const one = Math.floor(Math.random() * list.length)
  const other = Math.floor(Math.random() * list.length)
  const kind = Math.random()
  if (kind < 0.2) list[one][1] = any(LETTERS).repeat(list[one][1].length)
  else if (kind < 0.6) {
    const letters = [...list[one][1]]
    letters[Math.floor(Math.random() * letters.length)] = any(LETTERS)
    list[one][1] = letters.join('')
  } else if (kind < 0.7) [list[one][1], list[other][1]] = [list[other][1], list[one][1]]
  else [list[one], list[other]] = [list[other], list[one]]
  return Object.fromEntries(list)
}

const known = JSON.parse(readFileSync(NAMES, 'utf8'))

const rungs = await load('dist/rungs.mjs')
/** What the build adds. */
const LAST = '\n//# sourceMappingURL=rungs.mjs.map\n'
const { properties, variables } = await search(
  'dist/rungs.mjs',
  complete(rungs, known),
  (names) =>
    Math.random() < 0.2
      ? { ...names, properties: otherProperty(names.properties) }
      : { ...names, variables: otherVariable(names.variables) },
  (names) => brotliCompressSync(print(rungs, rename(rungs, names)) + LAST).length,
)

const whole = await load('dist/core.mjs')
const core = await search(
  'rungs/core with websocket alone',
  known.core,
  otherProperty,
  async (names) => {
    const code = print(whole, rename(whole, { properties: names, variables }))
    return brotliCompressSync(minified(await imported(ALONE, code))).length
  },
)

writeFileSync(NAMES, JSON.stringify({ properties, core, variables }, null, 2) + '\n')
