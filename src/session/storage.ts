/** Keeps a session over a reload of its page, in `sessionStorage`. */
import { decodeEntries, toBase64 } from '../transports/base64.ts'
import { randomKey, toJSON } from '../platform/engine.ts'
import { createMessage, encodeEntry, type Entry } from '../protocol.ts'
import type { Keeper, Saved } from './saved.ts'

/** Names the session that a page resumes after a reload: one name for each `connect` on the page. */
export function resume(name = 'default'): Keeper {
  const item = 'rungs:' + name
  const page = (generation: number): Saved['page'] => [generation, randomKey()]
  return {
    take() {
      try {
        const text = sessionStorage.getItem(item)
        sessionStorage.removeItem(item)
        const stored = JSON.parse(text!) as Omit<Saved, 'log'> & { readonly log: readonly Entry[] }
        decodeEntries(stored.log)
        const log = stored.log.map(([data, peer]) => createMessage(data, peer)!)
        return { ...stored, page: page(stored.page[0] + 1), log }
      } catch {
        // Storage is forbidden here (SecurityError), or somebody else wrote the entry: there is nothing to resume.
        return { page: page(0) }
      }
    },
    put(saved) {
      try {
        const log = saved!.log.map((message) => JSON.parse(encodeEntry(message, toBase64)) as Entry)
        sessionStorage.setItem(item, toJSON({ ...saved, log }))
        return true
      } catch {
        // There is nothing; or it is forbidden (SecurityError) or full (QuotaExceededError). The session ends with the page.
        return false
      }
    },
  }
}
