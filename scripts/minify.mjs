// A rollup plugin that minifies. Of the minifiers tried, swc's output is the smallest after brotli: 1.4 % below terser's.
// Its own short names are not: names.mjs gives better ones.
import { readFileSync } from 'node:fs'
import { MagicString } from 'magic-string'
import { minify as swc } from '@swc/core'
import { read, rename } from './names.mjs'

export const NAMES = new URL('names.json', import.meta.url)

/** The smallest that `rungs/core` is imported for; an application gives its variables their names, we its properties. */
export const ALONE = `export { connect, websocket } from 'module'`

/** What the modules are built for, and an application that imports them. */
export const MODULE = { ecma: 2020, module: true }

/** Everything but the names. */
export const compress = (code, { ecma, module }) =>
  swc(code, {
    module,
    ecma,
    sourceMap: true,
    compress: { passes: 3, ecma, unsafe_arrows: true },
    mangle: false,
  })

/** `properties`: which list of names.json has the properties. */
export const minify = (target, properties = 'properties') => [
  { name: 'compress', renderChunk: (code) => compress(code, target) },
  {
    name: 'names',
    renderChunk(code) {
      const names = JSON.parse(readFileSync(NAMES, 'utf8'))
      const edits = rename(read(code, target), { ...names, properties: names[properties] })
      const text = new MagicString(code)
      for (const [start, end, short] of edits) text.update(start, end, short, { storeName: true })
      return { code: text.toString(), map: text.generateMap({ hires: 'boundary' }) }
    },
  },
]
