/** The attacker, in a process of its own; it can also be as busy without an attack. */
import { answer } from '../child.mjs'
import { FLOODS } from './floods.mjs'

/** Milliseconds of work and rest together, where the process is only busy. */
const SLICE = 10

const cpu = () => {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1_000
}

process.on('uncaughtException', (error) => console.error('attacker:', error))

answer({
  /** Floods for so long. Resolves to the share of a core that it took. */
  async flood(name, port, ms) {
    const over = new AbortController()
    const before = cpu()
    const began = performance.now()
    const flooding = FLOODS[name](port, over.signal)
    await new Promise((resolve) => setTimeout(resolve, ms))
    const share = (cpu() - before) / (performance.now() - began)
    over.abort()
    await Promise.race([flooding, new Promise((resolve) => setTimeout(resolve, 1_000))])
    return share
  },
  /** Computes for a share of the time, and attacks nobody. */
  async beBusy(share, ms) {
    const until = performance.now() + ms
    while (performance.now() < until) {
      const rest = performance.now() + SLICE * Math.min(1, share)
      while (performance.now() < rest);
      await new Promise((resolve) => setTimeout(resolve, SLICE * Math.max(0, 1 - share)))
    }
  },
})
