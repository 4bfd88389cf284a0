// Short names for what a bundle calls its own. A compressor finds more to repeat where a thing has the same name in every
// function, so here a name follows from what the source calls it. `names.json` has the best ones that were found.
import { parse } from 'acorn'
import { fullAncestor } from 'acorn-walk'
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

/** What a bundle does not have, and this could not rename: better an error than another program. */
function refuse(node, parent, grandparent) {
  const { type, start } = node
  const isBlockFunction =
    type === 'FunctionDeclaration' &&
    parent?.type === 'BlockStatement' &&
    !/Function/.test(grandparent?.type)
  const isForeign =
    /^Import.*Declaration$|^Export(All|Default)/.test(type) ||
    (type === 'ExportNamedDeclaration' && (node.declaration || node.source))
  if (isBlockFunction || isForeign) throw new Error(`${type} at ${start} cannot be renamed`)
}

/** Reads a program: its variables, and where else its names stand. Throws where it finds what no bundle has. */
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
  const objects = []
  fullAncestor(ast, (node, _, ancestors) => {
    refuse(node, ancestors.at(-2), ancestors.at(-3))
    if (node.type === 'Literal') strings.add(node.value)
    if (node.type === 'TemplateElement') strings.add(node.value.cooked)
    if (node.type === 'MemberExpression' && !node.computed) keys.push(node.property)
    if (/^(Method|Property)Definition$/.test(node.type) && !node.computed) keys.push(node.key)
    const own = (node.properties ?? []).filter(({ key, computed }) => key && !computed)
    for (const { shorthand, key } of own) (shorthand ? shorthands : keys).push(key)
    objects.push(new Set(own.map(({ key }) => key.name)))
    for (const { local, exported: name } of node.specifiers ?? []) {
      if (local.start === name.start) exported.push(local)
    }
  })
  const globals = new Set([
    ...globalScope.through.map(({ identifier }) => identifier.name),
    ...globalScope.variables.map(({ name }) => name),
  ])
  return {
    code,
    variables: [...variables.values()],
    keys: keys.filter(({ type }) => type === 'Identifier'),
    shorthands,
    exported,
    globals,
    strings,
    objects,
  }
}

/**
 * Gives each variable the letter that `letters` has for what it is called, or else the first that is free. Those that are
 * called the same get their letters in turn, and the last one where there are no more; what stands first chooses first.
 */
export function choose({ variables, globals }, letters) {
  const order = new Map(Object.keys(letters).map((name, index) => [name, index]))
  const rank = ({ name }) => order.get(name) ?? Infinity
  const left = new Map(Object.entries(letters))
  const used = new Map()
  const chosen = new Map()
  for (const variable of variables.toSorted((a, b) => rank(a) - rank(b) || 0)) {
    const { name, taken } = variable
    const wanted = left.get(name) ?? ''
    const free = (short) =>
      !globals.has(short) && !taken.some((scope) => used.get(scope)?.has(short))
    const short = [wanted[0], ...SHORT].find((each) => each && free(each))
    if (!short) throw new Error(`there is no name left for '${name}'`)
    left.set(name, wanted.slice(1) || wanted || short)
    for (const scope of taken) {
      if (!used.has(scope)) used.set(scope, new Set())
      used.get(scope).add(short)
    }
    chosen.set(variable, short)
  }
  return chosen
}

/** Complains of properties that would not be told apart any more, or may be found by a text. */
function check({ strings, objects }, properties) {
  for (const key of strings) {
    if (properties.has(key)) throw new Error(`'${key}' may be a key: it cannot be among the names`)
  }
  const all = [...objects, new Set(properties.keys())]
  for (const keys of all) {
    const shorts = new Set([...keys].map((key) => properties.get(key) ?? key))
    if (shorts.size < keys.size) throw new Error(`two are called the same: ${[...keys]}`)
  }
}

/** What is to change in a program that was read: `[start, end, text]`, in order. */
export function rename(program, names) {
  const properties = new Map(Object.entries(names.properties))
  check(program, properties)
  const edits = new Map()
  for (const [{ name, at }, short] of choose(program, names.variables)) {
    for (const { start, end } of at) {
      const [, , other = short] = edits.get(start) ?? []
      if (other !== short) throw new Error(`'${name}' at ${start} is two variables`)
      edits.set(start, [start, end, short])
    }
  }
  const edit = ({ start, end }, text) => edits.set(start, [start, end, text])
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
