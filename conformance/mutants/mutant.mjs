/**
 * Mutants: faults of the reference server, each a few lines of a file that become others. A list is a text of paragraphs like
 *
 *     A fault in a sentence
 *     file: origins.mjs
 *     checks: origins bridge
 *     - text that stands in the file, once
 *     + text that takes its place
 *
 * with, if there is a need: `only:` and the name or a piece of the name of the tests that are run; `flags:` for the server;
 * `survives:` and why no test can tell it from a right one.
 */

const FIELD = /^(file|checks|only|flags|survives): (.*)$/

const textAfter = (lines, sign) =>
  lines
    .filter((line) => line === sign || line.startsWith(`${sign} `))
    .map((line) => line.slice(2))
    .join('\n')

function readMutant(paragraph) {
  const [fault, ...lines] = paragraph.split('\n')
  const fields = Object.fromEntries(
    lines.flatMap((line) => {
      const [, name, value] = FIELD.exec(line) ?? []
      return name ? [[name, value]] : []
    }),
  )
  if (!fields.file || !fields.checks) throw new Error(`A mutant has no file or checks: ${fault}`)
  return {
    fault,
    file: fields.file,
    checks: fields.checks.split(' '),
    only: fields.only,
    flags: fields.flags?.split(' ') ?? [],
    survives: fields.survives,
    search: textAfter(lines, '-'),
    replacement: textAfter(lines, '+'),
  }
}

/** The mutants of a list. */
export const readMutants = (text) =>
  text
    .split(/\n{2,}/)
    .map((paragraph) => paragraph.trimEnd())
    .filter((paragraph) => paragraph !== '' && !paragraph.startsWith('#'))
    .map(readMutant)

/** The text of a file with the fault in it. */
export function applyTo(text, { fault, file, search, replacement }) {
  const pieces = text.split(search)
  if (search === '' || pieces.length !== 2) {
    throw new Error(`${file} has ${pieces.length - 1} places for: ${fault}`)
  }
  return pieces.join(replacement)
}
