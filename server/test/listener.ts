import type { OutgoingMessage } from '../src/store/outgoing-message.ts'
import type { End, PartProgress, StoreListener } from '../src/store/store.ts'

/** A node that records what a store tells it. */
export class RecordingListener implements StoreListener {
  readonly calls: unknown[][] = []

  onAppended(id: string, number: number, message: OutgoingMessage, tag: string): void {
    this.calls.push(['appended', id, number, message.body, tag])
  }

  onPublished(id: string, message: OutgoingMessage): void {
    this.calls.push(['volatile', id, message.body])
  }

  onPartAdded(id: string, { number, length }: PartProgress): void {
    this.calls.push(['part', id, number, length])
  }

  onTokenRenewed(id: string, tokenTtl: number): void {
    this.calls.push(['token', id, tokenTtl])
  }

  onAccepted(id: string, number: number): void {
    this.calls.push(['accepted', id, number])
  }

  onProbed(id: string): void {
    this.calls.push(['probed', id])
  }

  onSuperseded(id: string, t: number): void {
    this.calls.push(['superseded', id, t])
  }

  onEnded(id: string, end: End): void {
    this.calls.push(['ended', id, end.type, end.reason])
  }
}
