import type { OutgoingMessage } from '../src/store/outgoing-message.ts'
import type { End, StoreListener } from '../src/store/store.ts'

/** A node that records what a store tells it. */
export class RecordingListener implements StoreListener {
  readonly calls: unknown[][] = []

  onAppended(id: string, number: number, message: OutgoingMessage, tag: string): void {
    this.calls.push(['appended', id, number, message.body, tag])
  }

  onPublished(id: string, message: OutgoingMessage): void {
    this.calls.push(['volatile', id, message.body])
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
