import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'

const pathOf = (file: string): URL => new URL(`../${file}`, import.meta.url)
const read = (file: string): string => readFileSync(pathOf(file), 'utf8')

const [, model = ''] = read('SECURITY.md').split('## The threat model')
const rows = model
  .split('\n')
  .filter((line) => line.startsWith('| ') && !line.startsWith('| who'))
  .map((line) => line.split(' | ').map((cell) => cell.replace(/^\| | \|$/g, '')))

describe('the threat model of SECURITY.md', () => {
  test('names a proof for each threat', () => {
    expect(rows.length).toBeGreaterThan(20)
    expect(rows.filter((cells) => cells.length !== 5)).toEqual([])
    expect(rows.filter(([, , , , proof]) => !/^`[^`]+` "/.test(proof!))).toEqual([])
  })

  test('names proofs that exist, by a part of their title', () => {
    const proofs = rows.flatMap((cells) => [...cells[4]!.matchAll(/`([^`]+)` "([^"]+)"/g)])
    const missing = proofs.filter(([, file, title]) => !read(file!).includes(title!))
    expect(missing.map(([proof]) => proof)).toEqual([])
  })

  test('names files that exist', () => {
    const files = rows.flatMap((cells) =>
      [...cells[3]!.matchAll(/`([^`]+)`/g)].map(([, file]) => file!),
    )
    const places = ['server/src', 'server', 'src']
    expect(
      files.filter((file) => !places.some((place) => existsSync(pathOf(`${place}/${file}`)))),
    ).toEqual([])
  })
})
