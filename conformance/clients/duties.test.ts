/** Each duty of a client in PROTOCOL.md has a check, or a reason why it has none. No client is needed to see that. */
import { readdirSync } from 'node:fs'
import { expect, test, vi } from 'vitest'
import { sections } from '../prove.ts'

/** Duties that no check proves. */
const UNPROVEN: Readonly<Record<string, string>> = {
  'Polls that follow each other are one carrier, also if one of them was cut and asked again.':
    'A client that asks for hello again does nothing wrong.',
  'A message counts as taken when the application has it.':
    'Programs that drive a client always take messages.',
}

const proven = vi.hoisted((): [section: string, sentence: string][] => [])

vi.mock(import('../prove.ts'), async (load) => ({
  ...(await load()),
  prove: (section: string, sentence: string) => void proven.push([section, sentence]),
}))
vi.mock(import('./program.ts'), () => ({ has: () => true }))

const folder = new URL('.', import.meta.url).pathname
for (const name of readdirSync(folder).filter((each) => each.endsWith('.check.ts'))) {
  await import(`${folder}${name}`)
}

const sentencesOf = (text: string): string[] =>
  text
    .split(/(?<=\.) (?=[-A-Z])/)
    .map((sentence) => sentence.replace(/^.*?(?:^| )- (?=[A-Z])/, '').trim())

/** Section 9 says what a client does; elsewhere it is named with what it must do. */
const duties = [...sections].flatMap(([section, text]) =>
  sentencesOf(text)
    .filter((sentence) =>
      section.startsWith('9.')
        ? !sentence.includes(' MAY ')
        : /^[2-7]/.test(section) && /\b(client|receiver|sender) (MUST|SHOULD)/i.test(sentence),
    )
    .map((sentence): [string, string] => [section, sentence]),
)

const isProven = ([section, duty]: readonly [string, string]): boolean =>
  proven.some(
    ([number, sentence]) =>
      number === section && (duty.includes(sentence) || sentence.includes(duty)),
  )

test('each duty of a client has a check, or a reason why it has none', () => {
  expect(duties.length).toBeGreaterThan(40)
  expect(duties.filter((duty) => !isProven(duty)).map(([, sentence]) => sentence)).toEqual(
    Object.keys(UNPROVEN),
  )
})
