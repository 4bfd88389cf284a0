import type { LogMessage } from '../src/store/outgoing-message.ts'
import type { End, Node } from '../src/store/store.ts'

/** A node that writes down what a store tells it. */
export class FakeNode implements Node {
  readonly told: unknown[][] = []

  appended(id: string, number: number, message: LogMessage, tag: string): void {
    this.told.push(['appended', id, number, message.body, tag])
  }

  volatile(id: string, message: LogMessage): void {
    this.told.push(['volatile', id, message.body])
  }

  accepted(id: string, number: number): void {
    this.told.push(['accepted', id, number])
  }

  probed(id: string): void {
    this.told.push(['probed', id])
  }

  superseded(id: string, t: number): void {
    this.told.push(['superseded', id, t])
  }

  ended(id: string, end: End): void {
    this.told.push(['ended', id, end.type, end.reason])
  }
}
