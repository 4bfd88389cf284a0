/** What runs in old pages works where nothing younger than ES5 is: PhantomJS. Run `npm run build` first. */
import { readFileSync } from 'node:fs'
import { createContext, runInContext } from 'node:vm'
import { parse, type AnyNode } from 'acorn'
import { expect, test } from 'vitest'

const SCRIPTS = ['dist/rungs.js', 'server/assets/bridge.js', 'server/assets/stream.js']

/** Globals, static members and methods that came later. Promise is tested for; its methods stand behind the test. */
const GLOBALS = words(
  'Map Set WeakMap WeakSet WeakRef Symbol Proxy Reflect BigInt globalThis queueMicrotask',
)
const STATICS = words(`
  Array.from Array.of Object.assign Object.entries Object.values Object.fromEntries Object.is
  Object.getOwnPropertySymbols Object.setPrototypeOf String.fromCodePoint String.raw Math.log2 Math.log10 Math.sign
  Math.trunc Math.hypot Math.clz32 Math.imul Number.EPSILON Number.MAX_SAFE_INTEGER Number.isFinite Number.isInteger
  Number.isNaN Number.isSafeInteger Number.parseFloat Number.parseInt
`)
const METHODS = words(`
  .at .codePointAt .copyWithin .endsWith .fill .find .findIndex .findLast .findLastIndex .flat .flatMap .includes
  .matchAll .normalize .padEnd .padStart .repeat .replaceAll .startsWith .toReversed .toSorted .trimEnd .trimStart
`)
const YOUNGER = [...GLOBALS, ...STATICS, ...METHODS]

function words(text: string): string[] {
  return text.trim().split(/\s+/)
}

/** A world without a browser, in an engine that is too old for modules. */
function oldEngine(): object {
  const world = createContext({})
  const methods = METHODS.flatMap((name) => [`Array.prototype${name}`, `String.prototype${name}`])
  for (const name of [...STATICS, ...methods, ...GLOBALS, 'Promise'])
    runInContext(`delete ${name}`, world)
  return world
}

/** What the code uses, as it stands in the lists, unless it is tested for: `x || …`, `typeof x`. */
function used(node: unknown): string[] {
  if (Array.isArray(node)) return node.flatMap(used)
  if (typeof node !== 'object' || node === null) return []
  const at = node as AnyNode
  if (at.type === 'UnaryExpression' && at.operator === 'typeof') return []
  if (
    at.type === 'LogicalExpression' &&
    at.operator === '||' &&
    at.left.type === 'MemberExpression'
  ) {
    return used(at.right)
  }
  if (at.type === 'Identifier') return [at.name]
  if (at.type !== 'MemberExpression' || at.computed || at.property.type !== 'Identifier') {
    return Object.values(at).flatMap(used)
  }
  const member = `.${at.property.name}`
  return [member, ...used(at.object).flatMap((name) => [name, name + member])]
}

test.each(SCRIPTS)('the syntax of %s is ES5', (path) => {
  expect(() => parse(readFileSync(path, 'utf8'), { ecmaVersion: 5 })).not.toThrow()
})

test.each(SCRIPTS)('%s uses nothing younger than ES5 without a test for it', (path) => {
  const found = used(parse(readFileSync(path, 'utf8'), { ecmaVersion: 5 }))
  expect(found.filter((name) => YOUNGER.includes(name))).toEqual([])
})

/** Loads the script; returns the world and what it added there. */
function load(): { world: object; added: string[] } {
  const world = oldEngine()
  const before = Object.keys(world)
  runInContext(readFileSync('dist/rungs.js', 'utf8'), world)
  return { world, added: Object.keys(world).filter((name) => !before.includes(name)) }
}

test('the client defines one global, and does nothing else when it is loaded', () => {
  expect(load().added).toEqual(['rungs'])
})

test('the client finds out what an old engine lacks', () => {
  const found = runInContext('JSON.stringify(rungs.detect())', load().world)
  expect(JSON.parse(found as string)).toEqual({
    websocket: false,
    sse: false,
    'long-poll': false,
    'short-poll': false,
    'forever-iframe': false,
  })
})
