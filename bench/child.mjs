/** Child processes that answer calls: servers and clients must not share an event loop, nor a heap. */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

/** In the child: what the parent may call. Tells the parent that it is ready. */
export function answer(functions) {
  process.on('message', async ({ id, name, args }) => {
    try {
      process.send({ id, value: await functions[name](...args) })
    } catch (error) {
      process.send({ id, error: String(error?.stack ?? error) })
    }
  })
  // Nobody is left behind, however the parent ends.
  process.on('disconnect', () => process.exit())
  process.send({ id: 0 })
}

/**
 * In the parent: starts a script of this folder, or of any if it is a `file:` URL.
 *
 * @param {string} script
 * @param {{ execArgv?: string[] }} [options]
 */
export async function start(script, { execArgv = [] } = {}) {
  const child = fork(fileURLToPath(new URL(script, import.meta.url)), { execArgv })
  const waiting = new Map()
  let calls = 0
  const reply = ({ id, value, error }) => {
    const { resolve, reject } = waiting.get(id)
    waiting.delete(id)
    if (error === undefined) resolve(value)
    else reject(new Error(`${script}: ${error}`))
  }
  const expect = (id) => new Promise((resolve, reject) => waiting.set(id, { resolve, reject }))
  child.on('message', reply)
  child.on('exit', (code) => {
    for (const { reject } of waiting.values()) reject(new Error(`${script} ended with ${code}`))
  })
  await expect(0)
  return {
    call(name, ...args) {
      const id = ++calls
      child.send({ id, name, args })
      return expect(id)
    },
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return
      const gone = once(child, 'exit')
      child.disconnect()
      await gone
    },
  }
}
