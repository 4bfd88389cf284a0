import type { LogEventName } from './options.ts'
import type { Settings } from './settings.ts'

/** Does work that nobody waits for. If it fails, that is logged under the name. The promise never rejects. */
export type RunInBackground = (failure: LogEventName, work: () => unknown) => Promise<void>

export function createRunInBackground(log: Settings['log']): RunInBackground {
  return async (event, work) => {
    try {
      await work()
    } catch (error) {
      log({ level: 'error', event, error })
    }
  }
}
