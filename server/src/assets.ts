import { readFileSync } from 'node:fs'

const texts: { bridge?: string; stream?: string } = {}

/**
 * Reads a script of the folder `assets`, once. This file stands directly in `src/` because the path is the same from there
 * and from the bundle in `dist/`.
 */
export function readAsset(name: 'bridge' | 'stream'): string {
  return (texts[name] ??= readFileSync(new URL(`../assets/${name}.js`, import.meta.url), 'utf8'))
}
