/** Production builds as each bundler makes them by default, for ES2020: the code that a browser loads. */
import { readFile, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { build as esbuild } from 'esbuild'
import { build as vite } from 'vite'
import webpack from 'webpack'

async function withVite(root) {
  const result = await vite({
    root,
    configFile: false,
    logLevel: 'error',
    build: { target: 'es2020', write: false },
  })
  return result.output.flatMap(({ code }) => code ?? [])
}

async function withWebpack(root) {
  const path = join(root, 'webpack')
  const compiler = webpack({
    mode: 'production',
    context: root,
    entry: './main.js',
    target: ['web', 'es2020'],
    output: { path },
    performance: false,
  })
  const stats = await new Promise((done, failed) => {
    compiler.run((error, result) => (error ? failed(error) : done(result)))
  })
  await new Promise((done) => compiler.close(done))
  if (stats.hasErrors()) throw new Error(stats.toString({ all: false, errors: true }))
  const files = (await readdir(path)).filter((file) => file.endsWith('.js'))
  return Promise.all(files.map((file) => readFile(join(path, file), 'utf8')))
}

async function withEsbuild(root) {
  const { outputFiles } = await esbuild({
    absWorkingDir: root,
    entryPoints: ['main.js'],
    outdir: 'esbuild',
    bundle: true,
    minify: true,
    format: 'esm',
    target: 'es2020',
    write: false,
  })
  return outputFiles.map(({ text }) => text)
}

/** Each takes a folder with `index.html` and `main.js`, and answers with the texts of all scripts. */
export const BUNDLERS = { Vite: withVite, webpack: withWebpack, esbuild: withEsbuild }
