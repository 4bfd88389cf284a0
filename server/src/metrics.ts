/** Counters and gauges of a hub, for whatever the application's monitoring is. */
import type { TransportName } from 'rungs/protocol'
import type { LogEvent, LogEventName } from './options.ts'
import type { End } from './store/store.ts'
import type { StoreMetrics } from './store/timed-store.ts'

/** Counters by a name. One that never counted anything is absent. */
export type Counts<Name extends string = string> = Readonly<Partial<Record<Name, number>>>

/** Gauges of what a hub holds now, and counters, which only grow, of what it has done since it was made; see {@link Hub.metrics}. */
export interface Metrics {
  /** Gauge: sessions that have a carrier here. A session between two polls has none. */
  readonly sessions: number
  /** Gauge: carriers by transport. A poll counts while it waits. */
  readonly carriers: Readonly<Record<Exclude<TransportName, 'short-poll'>, number>>
  /** Gauge: bytes that clients hold in this process, against the option `maxMemory`. */
  readonly heldBytes: number
  /** Gauge: bytes of them in logs of the store. 0 with a store that is not in this process. */
  readonly logBytes: number
  /** Sessions that were opened here. */
  readonly opened: number
  /** Sessions that were ended here, by type; `gone` by reason, as `gone: expired`. */
  readonly ended: Counts
  /** Messages of clients that were given to listeners, or relayed. */
  readonly received: number
  /** Messages of the application and of `relay`, however many sessions get them. */
  readonly sent: number
  /** Carriers whose place another one took. */
  readonly superseded: number
  /** Requests, packets and connections that were refused, by type; `gone` by reason: `gone: lost` and `gone: unknown` reset clients. */
  readonly refused: Counts
  /** Events of the level `error`, by their names in the log. */
  readonly failed: Counts<LogEventName>
  /** Absent if the store is the hub's own. */
  readonly store?: StoreMetrics
}

/** Counts what happens in a hub. */
export class Counters {
  opened = 0
  received = 0
  sent = 0
  readonly #ended: Record<string, number> = {}
  readonly #refused: Record<string, number> = {}
  readonly #failed: Record<string, number> = {}

  noteEnded(end: End): void {
    count(this.#ended, nameOf(end))
  }

  noteRefused(end: End): void {
    count(this.#refused, nameOf(end))
  }

  /** Counts failures before they go to a log. */
  watch(log: (event: LogEvent) => void): (event: LogEvent) => void {
    return (event) => {
      if (event.level === 'error') count(this.#failed, event.event)
      log(event)
    }
  }

  /** The counters as they are now. */
  snapshot(): Pick<Metrics, 'opened' | 'ended' | 'received' | 'sent' | 'refused' | 'failed'> {
    return {
      opened: this.opened,
      ended: { ...this.#ended },
      received: this.received,
      sent: this.sent,
      refused: { ...this.#refused },
      failed: { ...this.#failed },
    }
  }
}

/** A name for an end, of which there are few: a reason that the application or a client has chosen is none. */
function nameOf({ type, reason }: End): string {
  return type === 'gone' ? `gone: ${reason}` : type
}

function count(counts: Record<string, number>, name: string): void {
  counts[name] = (counts[name] ?? 0) + 1
}
