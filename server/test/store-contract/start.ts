import type { StoreLimits } from '../../src/store/store.ts'
import { makeSharedStore } from '../shared-store.ts'
import { Clock } from '../store.ts'
import { StoreWorld } from './world.ts'

/** Makes a store with a node, and with limits of the test's own. */
export async function start(limits: Partial<StoreLimits> = {}): Promise<StoreWorld> {
  const clock = new Clock()
  return StoreWorld.start(await makeSharedStore(clock.now), clock, limits)
}
