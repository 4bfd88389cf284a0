import { Refusal } from '../src/errors.ts'

/** The type of the refusal that work throws, or `not refused`. */
export function refused(work: () => unknown): string {
  try {
    work()
  } catch (error) {
    if (error instanceof Refusal) return error.end.type
    throw error
  }
  return 'not refused'
}
