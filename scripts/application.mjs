// What an application gets that imports a part of a bundle of ours, and has a minifier of its own.
import { minifySync } from '@swc/core'
import { rollup } from 'rollup'
import { MODULE } from './minify.mjs'

/** The program that is left of a module when a statement imports from it, as `'module'`. */
export async function imported(statement, code) {
  const files = { entry: statement, module: code }
  const virtual = { name: 'virtual', resolveId: (id) => id, load: (id) => files[id] }
  const bundle = await rollup({ input: 'entry', plugins: [virtual] })
  return (await bundle.generate({})).output[0].code
}

export const minified = (code) => minifySync(code, { ...MODULE, mangle: true }).code
