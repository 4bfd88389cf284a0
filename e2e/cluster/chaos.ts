/** The blows that a cluster must take, drawn from a seed: the same in every run, though not at the same message. */
import { chance } from '../faults/chance.mjs'

export type BlowName = 'kill' | 'pubsub' | 'redis' | 'deploy'

export interface Blow {
  readonly name: BlowName
  /** Milliseconds from the beginning. */
  readonly at: number
  /** A random number from 0 to 1, exclusive, for whom it hits. */
  readonly luck: number
}

/** Kills for one blow of another kind. */
const KILLS_PER: Readonly<Record<Exclude<BlowName, 'kill'>, number>> = {
  pubsub: 6,
  redis: 10,
  deploy: 25,
}

/** Blows at random times, each kind at least once. @param ms How long they last. */
export function forecast(seed: number, kills: number, ms: number): Blow[] {
  const random = chance(seed)
  const names: BlowName[] = Array.from({ length: kills }, () => 'kill')
  for (const [name, each] of Object.entries(KILLS_PER))
    names.push(...Array.from({ length: Math.ceil(kills / each) }, () => name as BlowName))
  return names
    .map((name) => ({ name, at: Math.round(random() * ms), luck: random() }))
    .toSorted((a, b) => a.at - b.at)
}
