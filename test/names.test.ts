import fc from 'fast-check'
import { expect, test } from 'vitest'
import { print, read, rename } from '../scripts/names.mjs'

/** Everything that a name can stand in. Calls `tell` with what it found. */
const PROGRAM = `
  const outer = 1
  class Thing { constructor(value) { this.value = value } copy() { return new Thing(this.value) } }
  function list(first, { second, third: other = first, ...rest } = {}, ...more) {
    const inner = ([head = outer, ...tail]) => {
      const first = head + outer
      return { first, second, other, rest, tail, more }
    }
    return inner([second, first, 3])
  }
  const own = { shared: 1, get later() { return this.shared + 1 }, ['computed' + 1]: 2, call(own) { return own } }
  const { shared, later: after } = own
  for (const [key, value] of Object.entries({ outer })) tell(key, value)
  for (let index = 0; index < 2; index++) setters.push(() => index)
  try { throw new Thing(5) } catch ({ value, message = value }) { tell(value, message) }
  const count = function again(left) { return left ? 1 + again(left - 1) : 0 }
  tell(list(1, { second: 2, extra: 4 }, 5), shared, after, own.computed1, own.call(6), count(3))
  tell(new Thing(7).copy() instanceof Thing, setters.map((get) => get()), typeof missing, a)
`

function run(code: string): unknown {
  const told: unknown[] = []
  new Function('tell', 'setters', 'a', code)((...all: unknown[]) => told.push(all), [], 'global')
  return told
}

const target = { ecma: 2022, module: true }
const letter = fc.constantFrom('a', 'b', 'c', 'd')

test('whatever names they get, programs do the same', () => {
  const program = read(PROGRAM, target)
  const words = [...new Set(PROGRAM.match(/[a-z]+/g))]
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.constantFrom(...words), letter)),
      fc.boolean(),
      (pairs, shortens) => {
        const names = {
          variables: Object.fromEntries(pairs),
          properties: shortens ? { shared: 'x', later: 'y' } : {},
        }
        const code = print(program, rename(program, names))
        expect(code).not.toContain('outer +')
        expect(run(code)).toEqual(run(PROGRAM))
      },
    ),
  )
})

test('exports keep their names, and so does what a script declares at its top', () => {
  const names = { variables: {}, properties: {} }
  const module = read('const connect = 1, other = 2; export { connect, other as detect }', target)
  expect(print(module, rename(module, names))).toBe(
    'const e = 1, t = 2; export { e as connect, t as detect }',
  )
  const script = read('var rungs = (function (own) { return own })(1)', { ecma: 5, module: false })
  expect(print(script, rename(script, names))).toBe('var rungs = (function (e) { return e })(1)')
})

test('members of a class are properties like others, and what is private is not', () => {
  const code =
    'class A { own = 1; stop() { return this.#stop() } #stop() { return this.own } } tell(new A().stop())'
  const names = { variables: {}, properties: { stop: 'x', own: 'y' } }
  const program = read(code, target)
  const result = print(program, rename(program, names))
  expect(result).toContain('x() { return this.#stop() }')
  expect(run(result)).toEqual(run(code))
})

test.each([
  [
    'a text that may be a key',
    "const thing = { kind: 1 }, key = 'kind'; tell(thing[key])",
    "'kind'",
  ],
  ['a template that may be a key', 'const thing = { kind: 1 }; tell(thing[`kind`])', "'kind'"],
  ['an object that has both names', 'tell({ kind: 1, k: 2 })', 'kind,k'],
  ['a pattern that has both names', 'const { kind, k } = thing', 'kind,k'],
  ['what a module gets from another', "import { kind } from 'thing'", 'ImportDeclaration'],
  ['what it passes on', "export { kind } from 'thing'", 'ExportNamedDeclaration'],
  ['a declaration that is exported', 'export const kind = 1', 'ExportNamedDeclaration'],
  ['a function in a block', 'if (thing) { function kind() {} }', 'FunctionDeclaration'],
])('%s is refused', (_, code, reason) => {
  const names = { variables: {}, properties: { kind: 'k' } }
  expect(() => rename(read(code, target), names)).toThrow(reason)
})

test('two properties with one letter are refused', () => {
  const names = { variables: {}, properties: { kind: 'k', other: 'k' } }
  expect(() => rename(read('tell(thing.kind)', target), names)).toThrow('kind,other')
})

test('a variable that is two is refused', () => {
  const program = read('try { tell() } catch (one) { var one = 2 } tell(one)', target)
  expect(() => rename(program, { variables: { one: 'xy' }, properties: {} })).toThrow("'one'")
})

test('more variables than there are names are refused', () => {
  const list = Array.from({ length: 300 }, (_, index) => `name${index}`)
  const program = read(`(() => { let ${list.join()} })()`, target)
  expect(() => rename(program, { variables: {}, properties: {} })).toThrow('no name left')
})
