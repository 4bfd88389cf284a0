// Short names for what a bundle calls its own. A compressor finds more to repeat where a thing has the same name in every
// function, so here a name follows from what the source calls it. `names.json` has the best ones that were found.
import { parse } from 'acorn'
import { full } from 'acorn-walk'
import { analyze } from 'eslint-scope'

export const LETTERS = [...'etnrosialucdfhpgmwbyvkMSEAxOCqNTJRzBIUDPWLHjGFKQVXYZ$_']
/** Any of these is free to be a name: none is a word of the language. */
const SHORT = [...LETTERS, ...LETTERS.flatMap((letter) => [1, 2, 3].map((digit) => letter + digit))]

/** A variable takes its name in its own scope, and in all between that and where it is referred to. */
function scopesOf({ scope, references }) {
  const scopes = [scope]
  for (const { from } of references) {
    for (let each = from; each !== scope; each = each.upper) scopes.push(each)
  }
  return scopes
}

/** Reads a program: its variables, and where else its names stand. */
export function read(code, { ecma, module }) {
  const options = { ecmaVersion: ecma, sourceType: module ? 'module' : 'script', ranges: true }
  const ast = parse(code, options)
  const { scopes, globalScope } = analyze(ast, options)

  const variables = new Map()
  for (const scope of scopes) {
    for (const variable of scope.variables) {
      const [declared] = variable.identifiers
      // What a script declares at its top is what others call it by.
      if (!declared || scope === globalScope) continue
      // A class has one name that is known outside and within, which makes it two variables.
      const { at = [], taken = [] } = variables.get(declared.start) ?? {}
      at.push(...variable.identifiers, ...variable.references.map(({ identifier }) => identifier))
      taken.push(...scopesOf(variable))
      variables.set(declared.start, { name: variable.name, at, taken })
    }
  }

  const keys = []
  const shorthands = []
  const exported = []
  const strings = new Set()
  full(ast, (node) => {
    if (node.type === 'Literal') strings.add(node.value)
    if (node.type === 'MemberExpression' && !node.computed) keys.push(node.property)
    for (const { shorthand, computed, key } of node.properties ?? []) {
      if (shorthand) shorthands.push(key)
      else if (key && !computed) keys.push(key)
    }
    for (const { local, exported: name } of node.specifiers ?? []) {
      if (local.start === name.start) exported.push(local)
    }
  })
  const globals = new Set([
    ...globalScope.through.map(({ identifier }) => identifier.name),
    ...globalScope.variables.map(({ name }) => name),
  ])
  return { code, variables: [...variables.values()], keys, shorthands, exported, globals, strings }
}

/**
 * Gives each variable the letter that `names` has for it, or else the first that is free. Those that are called the same
 * get their letters in turn, and the last one where there are no more; what stands first in `names` chooses first.
 */
export function choose({ variables, globals }, names) {
  const order = new Map(Object.keys(names).map((name, index) => [name, index]))
  const rank = ({ name }) => order.get(name) ?? Infinity
  const wanted = new Map(Object.entries(names))
  const used = new Map()
  const chosen = new Map()
  for (const variable of variables.toSorted((a, b) => rank(a) - rank(b) || 0)) {
    const { name, taken } = variable
    const letters = wanted.get(name) ?? ''
    const free = (short) =>
      !globals.has(short) && !taken.some((scope) => used.get(scope)?.has(short))
    const short = [letters[0], ...SHORT].find((each) => each && free(each))
    wanted.set(name, letters.slice(1) || letters || short)
    for (const scope of taken) {
      if (!used.has(scope)) used.set(scope, new Set())
      used.get(scope).add(short)
    }
    chosen.set(variable, short)
  }
  return chosen
}

/** What is to change in a program that was read: `[start, end, text]`, in order. */
export function rename(program, names) {
  const properties = new Map(Object.entries(names.properties))
  for (const key of program.strings) {
    if (properties.has(key)) throw new Error(`'${key}' may be a key: it cannot be among the names`)
  }
  const edits = new Map()
  const edit = ({ start, end }, text) => edits.set(start, [start, end, text])
  for (const [{ at }, short] of choose(program, names.variables)) {
    for (const identifier of at) edit(identifier, short)
  }
  for (const key of program.keys) {
    const short = properties.get(key.name)
    if (short) edit(key, short)
  }
  for (const key of program.shorthands) {
    const variable = edits.get(key.start)?.[2] ?? key.name
    edit(key, (properties.get(key.name) ?? key.name) + ':' + variable)
  }
  for (const local of program.exported) edit(local, `${edits.get(local.start)[2]} as ${local.name}`)
  return [...edits.values()].sort(([a], [b]) => a - b)
}

/** The program with these edits. */
export function print({ code }, edits) {
  let text = ''
  let from = 0
  for (const [start, end, short] of edits) {
    text += code.slice(from, start) + short
    from = end
  }
  return text + code.slice(from)
}
