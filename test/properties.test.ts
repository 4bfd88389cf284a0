/** The properties that the build shortens are ours: no application, packet, storage or browser object has them. */
import { readFileSync } from 'node:fs'
import { relative } from 'node:path'
import ts from 'typescript'
import { expect, test } from 'vitest'

const { properties, core } = JSON.parse(readFileSync('scripts/names.json', 'utf8')) as {
  readonly [list in 'properties' | 'core']: { readonly [name: string]: string }
}

/** Whose interfaces never leave the client. */
const OURS = [
  'src/diagnose/trial.ts',
  'src/event.ts',
  'src/rung.ts',
  'src/session.ts',
  'src/transports/exchange.ts',
]

const { fileNames, options } = ts.parseJsonConfigFileContent(
  ts.readConfigFile('src/tsconfig.json', ts.sys.readFile).config,
  ts.sys,
  'src',
)
const program = ts.createProgram(fileNames, options)
const checker = program.getTypeChecker()

/** Where it says what a property is: a file of ours, or `?`. */
const home = (symbol: ts.Symbol | undefined): string[] =>
  symbol?.declarations?.map((node) => relative('.', node.getSourceFile().fileName)) ?? ['?']

/** The name of a property that stands here, if one does, and the property. */
function propertyAt(
  node: ts.Node,
): readonly [name: string, symbol: ts.Symbol | undefined] | undefined {
  if (ts.isPropertyAccessExpression(node)) {
    return [node.name.text, checker.getSymbolAtLocation(node.name)]
  }
  if (ts.isBindingElement(node) && ts.isObjectBindingPattern(node.parent)) {
    const name = (node.propertyName ?? node.name).getText()
    return [name, checker.getTypeAtLocation(node.parent).getProperty(name)]
  }
  if (ts.isObjectLiteralElement(node) && node.name) {
    const name = node.name.getText()
    return [name, checker.getContextualType(node.parent as ts.Expression)?.getProperty(name)]
  }
  return undefined
}

const found = new Map<string, Set<string>>()
function visit(node: ts.Node): void {
  const [name, symbol] = propertyAt(node) ?? ['', undefined]
  if (Object.hasOwn(properties, name)) {
    const homes = found.get(name) ?? new Set()
    home(symbol).forEach((file) => homes.add(file))
    found.set(name, homes)
  }
  ts.forEachChild(node, visit)
}
program
  .getSourceFiles()
  .filter(({ isDeclarationFile }) => !isDeclarationFile)
  .forEach(visit)

test('both lists have the same properties, and each of them is used', () => {
  expect(Object.keys(core).sort()).toEqual(Object.keys(properties).sort())
  expect([...found.keys()].sort()).toEqual(Object.keys(properties).sort())
})

test.each(Object.keys(properties))('%s is a property of ours, wherever it is used', (name) => {
  const others = [...(found.get(name) ?? ['nowhere'])].filter((file) => !OURS.includes(file))
  expect(others).toEqual([])
})
