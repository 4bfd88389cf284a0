import type { Down } from 'rungs/protocol'
import type { Sink } from '../src/delivery/sink.ts'
import type { End } from '../src/store/store.ts'
import { numbered, partsJoiner } from './parts.ts'

/** A sink that records what is written to it. */
export class FakeSink implements Sink {
  readonly written: (string | Uint8Array)[] = []
  readonly ends: (End | 'destroyed')[] = []
  congested = false
  readonly takesFrames: boolean
  readonly takesOnePacket: boolean

  constructor({ takesFrames = false, takesOnePacket = false } = {}) {
    this.takesFrames = takesFrames
    this.takesOnePacket = takesOnePacket
  }

  get packets(): Down[] {
    return this.written
      .filter((data) => typeof data === 'string')
      .map((data) => JSON.parse(data) as Down)
  }

  /** Data of the messages, with their numbers. */
  get entries(): (readonly [number: number, data: unknown])[] {
    const join = partsJoiner()
    return this.packets.flatMap(({ batch }) =>
      batch ? numbered(batch, join).map(([number, data]) => [number, data] as const) : [],
    )
  }

  write(data: string | Uint8Array): void {
    this.written.push(data)
  }

  isCongested(): boolean {
    return this.congested
  }

  end(_: string, end: End): void {
    this.ends.push(end)
  }

  destroy(): void {
    this.ends.push('destroyed')
  }
}
