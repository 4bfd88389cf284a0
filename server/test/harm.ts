/** A site that knows whether bad input has harmed it, and bad input for it. */
import { expect } from 'vitest'
import { batch } from './client.ts'
import { startSite, type Site, type SiteOptions } from './site.ts'

interface HarmWatch extends Site {
  /** Another session still works, and the hub has logged no error. */
  unharmed(): Promise<void>
}

export async function setupWatched(options: SiteOptions = {}): Promise<HarmWatch> {
  const site = await startSite(options)
  site.hub.onMessage((data, session) => session.send(data))
  const witness = await site.client().socket()
  let said = 0
  return {
    ...site,
    async unharmed() {
      witness.send({ ack: [said, ''], batch: batch(++said, said) })
      expect((await witness.messages(said)).at(-1)).toBe(said)
      expect(site.logged.items.filter(({ level }) => level === 'error')).toEqual([])
    },
  }
}

/** Bodies that are no packet with an attach, and the type of the end that answers them. */
export const BODIES: [name: string, body: string | Uint8Array, type?: string][] = [
  ['nothing', ''],
  ['spaces', '   '],
  ['no JSON', 'hello'],
  ['half of a packet', '{"attach":{"version":1,"key":"'],
  ['a list', '[]'],
  ['a number', '7'],
  ['null', 'null'],
  ['no attach', '{}'],
  ['an attach that is none', '{"attach":7}'],
  ['two packets', '{}{}'],
  ['very deep', '['.repeat(16_000)],
  ['invalid UTF-8', new Uint8Array([0x22, 0xc3, 0x28, 0x22])],
  ['a byte order mark in UTF-16', Buffer.from('\ufeff{}', 'utf16le')],
  ['zeros', new Uint8Array(10_000)],
  ['another version', '{"attach":{"version":2}}', 'unsupported-version'],
  ['a form', 'attach=%7B%7D&key=1'],
]
