/** Slows whoever sends more than those who get it can read, so that no recipient ends by somebody else's burst. */
import { setTimeout as delay } from 'node:timers/promises'
import type { SessionStore } from '../store/store.ts'
import type { HandlerRun } from './cause.ts'
import { maybe, type MaybeAsync } from './maybe-async.ts'

/** Milliseconds between two looks at recipients whose logs are half full. */
const PAUSE = 10
/** Looks, at most: a store says for 5 seconds that a recipient is crowded, and then lets it end alone. */
const MAX_LOOKS = 500

/** Waits until those whom a run of handlers has sent to have room again. */
export function* waitForRoom(store: SessionStore, { sentTo }: HandlerRun): MaybeAsync<void> {
  if (!sentTo) return
  for (let looks = 0; looks < MAX_LOOKS; looks++) {
    if (!(yield* maybe(store.areCrowded(sentTo)))) return
    yield* maybe(delay(PAUSE, undefined, { ref: false }))
  }
}
