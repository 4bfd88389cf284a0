import { readdirSync, readFileSync } from 'node:fs'
import ts from 'typescript'

/** The sources below a folder, tests not counted, as paths from that folder: `transports/sse.ts`. */
export function sources(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'))
    .sort()
}

/** What a file imports in any way, types included, as it is written there. */
export function imports(path: string): string[] {
  const found: string[] = []
  const visit = (node: ts.Node): void => {
    const from =
      ts.isImportDeclaration(node) || ts.isExportDeclaration(node)
        ? node.moduleSpecifier
        : ts.isImportTypeNode(node)
          ? node.argument
          : ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword
            ? node.arguments[0]
            : undefined
    if (from) found.push(from.getText(file).slice(1, -1))
    ts.forEachChild(node, visit)
  }
  const file = ts.createSourceFile(path, readFileSync(path, 'utf8'), ts.ScriptTarget.Latest)
  visit(file)
  return found
}
