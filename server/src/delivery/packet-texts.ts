/** Fields of packets down, as JSON text. */
import type { PartProgress } from '../store/store.ts'
import type { Entries, LogEntries } from './pending-log.ts'

/** How far both logs of a session are. */
export interface Progress {
  /** Numbers of the last messages up that were received, and whose handlers have settled. */
  readonly receivedUpTo: number
  readonly acceptedUpTo: number
  /** Number of the last message down. */
  readonly head: number
  /** About how many bytes of messages down are still to come. */
  readonly outstanding: number
  /** The message up of which there is a part. */
  readonly partProgress: PartProgress | undefined
}

/** The field `ack`. */
export function ackText(progress: Progress): string {
  const { receivedUpTo, acceptedUpTo, head, outstanding, partProgress } = progress
  const received = Math.max(receivedUpTo, acceptedUpTo)
  // Of another message than the next one, the client could not place it (PROTOCOL.md 4.6).
  const partial = partProgress?.number === received + 1 ? partProgress.length : 0
  const numbers = [received, acceptedUpTo, head, partial, outstanding]
  const length = outstanding > 0 ? 5 : partial > 0 ? 4 : 3
  return JSON.stringify(numbers.slice(0, length))
}

/** The fields of a batch; empty if it has no entries. */
export function batchTexts({ first, texts, tag }: LogEntries): {
  readonly batch: string
  readonly tag: string
} {
  return {
    batch: texts.length > 0 ? `[${first},[${texts.join()}]]` : '',
    tag: tag && JSON.stringify(tag),
  }
}

/** The field `volatile`; empty if there are no entries. */
export function volatileText({ texts }: Entries): string {
  return texts.length > 0 ? `[${texts.join()}]` : ''
}
