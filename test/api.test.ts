/**
 * What applications see, as text: a change of it must be meant, and shows in the diff. `npm run api` writes it anew,
 * from the types that were built.
 */
import ts from 'typescript'
import { expect, test } from 'vitest'

const ENTRIES = {
  rungs: 'dist/index.d.ts',
  core: 'dist/core.d.ts',
  diagnose: 'dist/diagnose.d.ts',
  server: 'server/dist/index.d.ts',
  redis: 'server/dist/redis/index.d.ts',
}

// Each is one file, and only its own declarations count.
const program = ts.createProgram(Object.values(ENTRIES), {
  noLib: true,
  noResolve: true,
  types: [],
})
const checker = program.getTypeChecker()
const printer = ts.createPrinter({ removeComments: true })

/** The declarations of all exports. */
function declarations(path: string): ts.Declaration[] {
  const file = program.getSourceFile(path)
  const symbol = file && checker.getSymbolAtLocation(file)
  if (!symbol) throw new Error(`${path} is missing or exports nothing; run \`npm run build\``)
  return checker
    .getExportsOfModule(symbol)
    .map((name) => (name.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(name) : name))
    .flatMap((name) => name.declarations ?? [])
}

/** They as text, sorted by name. */
function describe(path: string): string {
  return declarations(path)
    .map((node) => (ts.isVariableDeclaration(node) ? node.parent.parent : node))
    .map((node) => printer.printNode(ts.EmitHint.Unspecified, node, node.getSourceFile()))
    .map((text) => text.replace(/^(export )?(declare )?/, '') + '\n')
    .sort()
    .join('\n')
}

test.each(Object.entries(ENTRIES))(
  'the public API of %s is the one on record',
  async (name, path) => {
    await expect(describe(path)).toMatchFileSnapshot(`api/${name}.txt`)
  },
)
