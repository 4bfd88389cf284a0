import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void

/** Bytes of the heap in use, after garbage that finalizers and timers let go of has been collected as well. */
export async function heapUsed(): Promise<number> {
  for (let i = 0; i < 3; i++) {
    collect()
    await new Promise((resolve) => void setImmediate(resolve))
  }
  return process.memoryUsage().heapUsed
}
