/** A store that answers some turns after it has done what was asked, like one behind a network. */
import { setImmediate as turn } from 'node:timers/promises'
import { MemoryStore } from '../src/store/memory-store.ts'
import type { SessionStore } from '../src/store/store.ts'

export function slowStore(store: SessionStore = new MemoryStore()): SessionStore {
  return new Proxy(store, {
    get(target, name) {
      const method = Reflect.get(target, name) as (...args: unknown[]) => unknown
      return async (...args: unknown[]) => {
        await turn()
        const result = await Reflect.apply(method, target, args)
        for (let i = 0; i < 3; i++) await turn()
        return result
      }
    },
  })
}
