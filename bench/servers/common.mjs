/** The part that both servers have in common: they listen, and tell what they use. */
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { answer } from '../child.mjs'

/** @param broadcast Sends a text to everybody. */
export async function serve(server, broadcast) {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  answer({
    port: () => server.address().port,
    /** Microseconds of all threads so far. */
    cpu() {
      const { user, system } = process.cpuUsage()
      return user + system
    },
    async memory() {
      // Garbage that timers and finalizers let go of after one collection goes with the next.
      for (let i = 0; i < 4; i++) {
        globalThis.gc()
        await sleep(100)
      }
      const { rss, heapUsed } = process.memoryUsage()
      return { rss, heap: heapUsed }
    },
    /** So many messages, so many of them in one tick. */
    broadcast(text, count, each) {
      return new Promise((done) => {
        const tick = () => {
          for (let i = 0; i < each && count > 0; i++, count--) broadcast(text)
          if (count > 0) setImmediate(tick)
          else done()
        }
        tick()
      })
    },
  })
}
