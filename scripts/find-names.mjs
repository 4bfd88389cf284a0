// Searches for the names that make the bundle smallest, and keeps them in names.json: `npm run names -- --minutes 10`.
// It goes on from those that are there, so it is worth running again after a larger change, and as often as you like.
import { readFileSync, writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { brotliCompressSync } from 'node:zlib'
import { rollup } from 'rollup'
import configs from '../rollup.config.js'
import { NAMES, compress } from './minify.mjs'
import { LETTERS, choose, print, read, rename } from './names.mjs'

const { values } = parseArgs({ options: { minutes: { type: 'string', default: '5' } } })
const minutes = Number(values.minutes)
if (!(minutes > 0)) throw new Error(`--minutes takes a number above 0, not ${values.minutes}`)

const target = { ecma: 2020, module: true }
const bundle = await rollup(configs.find(({ output }) => output.file === 'dist/rungs.mjs'))
const { output } = await bundle.generate({ format: 'es' })
const program = read((await compress(output[0].code, target)).code, target)

/** What the build adds. */
const LAST = '\n//# sourceMappingURL=rungs.mjs.map\n'
const sizeOf = (names) => brotliCompressSync(print(program, rename(program, names)) + LAST).length
const any = (list) => list[Math.floor(Math.random() * list.length)]

/** The names that are known, and those that the others get without them: what occurs most often chooses first. */
function start() {
  const known = JSON.parse(readFileSync(NAMES, 'utf8'))
  const uses = new Map()
  for (const { name, at } of program.variables) uses.set(name, (uses.get(name) ?? 0) + at.length)
  const frequent = [...uses.keys()].sort((a, b) => uses.get(b) - uses.get(a))
  const order = new Set([...Object.keys(known.variables), ...frequent])
  const wanted = Object.fromEntries([...order].map((name) => [name, known.variables[name] ?? '']))
  const variables = Object.fromEntries(
    [...order].filter((name) => uses.has(name)).map((name) => [name, '']),
  )
  for (const [{ name }, [letter]] of choose(program, wanted)) variables[name] += letter
  return { properties: known.properties, variables }
}

/** The same with one change: other letters, or two that change their letters or their turns. */
function changed({ properties, variables }) {
  if (Math.random() < 0.2) {
    const keys = Object.entries(properties)
    const key = any(keys)
    const letter = any(LETTERS)
    const owner = keys.find(([, taken]) => taken === letter)
    if (owner) owner[1] = key[1]
    key[1] = letter
    return { properties: Object.fromEntries(keys), variables }
  }
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
  return { properties, variables: Object.fromEntries(list) }
}

let names = start()
let size = sizeOf(names)
console.log(`${size} bytes with the names that are known`)
for (const until = Date.now() + minutes * 60_000; Date.now() < until;) {
  const next = changed(names)
  const result = sizeOf(next)
  // One that is no better may lead to one that is.
  if (result > size) continue
  names = next
  size = result
}
writeFileSync(NAMES, JSON.stringify(names, null, 2) + '\n')
console.log(`${size} bytes with the best that were found`)
