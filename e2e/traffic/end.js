// @ts-check
import { createTally } from '../../demo/tally.js'

/**
 * One end of the numbered traffic, the same in the page and in the server: it sends 1, 2, 3 … and counts what comes in.
 *
 * @param {(number: number) => void} send
 */
export function createEnd(send) {
  const tally = createTally()
  let sent = 0
  /** @type {Set<{ wanted: number, done: () => void }>} */
  const waiting = new Set()
  /** @type {ReturnType<typeof setInterval> | undefined} */
  let timer

  const say = () => {
    send(++sent)
    return sent
  }

  return {
    tally,
    /** Sends the next number. Returns it. */
    say,
    /**
     * Sends so many at a steady rate, whatever the browser does to timers: a late one catches up.
     *
     * @param {number} count
     * @param {number} gap ms from one to the next
     */
    flow(count, gap) {
      const began = performance.now()
      const first = sent
      timer = setInterval(() => {
        const due = Math.min(count, Math.floor((performance.now() - began) / gap))
        while (sent - first < due) say()
        if (due === count) clearInterval(timer)
      }, gap)
    },
    /** Sends no more. */
    rest: () => clearInterval(timer),
    /** @param {number} number */
    receive(number) {
      tally.receive(number)
      for (const each of waiting) {
        if (tally.different < each.wanted) continue
        waiting.delete(each)
        each.done()
      }
    },
    /**
     * Resolves when so many different numbers have come.
     *
     * @param {number} wanted
     * @returns {Promise<void>}
     */
    reaches(wanted) {
      return new Promise((done) => {
        if (tally.different >= wanted) done()
        else waiting.add({ wanted, done })
      })
    },
    get sent() {
      return sent
    },
  }
}
