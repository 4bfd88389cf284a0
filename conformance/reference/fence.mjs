/** The fence: requests that come late, twice, or from another page do no harm (PROTOCOL.md 6.4, 6.5, 6.10). */
import { End } from './ends.mjs'
import { MAX_READERS } from './limits.mjs'

/** The page of an attach; one without counts as this. */
export const pageOf = ({ page = [0, ''] }) => page

export class Fence {
  /** The highest `want`. */
  mark = 0
  /** The goodbye of the page: `{ until, isRevocable, end }`. */
  goodbye
  #page

  constructor(page) {
    this.#page = page
  }

  isTakeover(page) {
    return page[0] > this.#page[0]
  }

  /** Steps 7 and 8 of 6.4. `readers` are those that the session has. */
  check(attach, readers, isReader) {
    const page = pageOf(attach)
    const takesOver = this.isTakeover(page)
    const isSame = page[0] === this.#page[0] && page[1] === this.#page[1]
    if (!takesOver && !isSame) throw new End('taken', 'another page has the session')
    if (this.goodbye && !(takesOver && this.goodbye.isRevocable)) {
      throw new End('superseded', 'the page has said goodbye')
    }
    // The numbers of a new page begin again.
    if (takesOver) return
    if (attach.t < this.mark) throw new End('superseded', 'not wanted any more')
    const later = readers.filter(({ t }) => t > attach.t)
    if (isReader && later.length >= MAX_READERS) {
      throw new End('superseded', 'there are later carriers')
    }
  }

  beginPage(page) {
    this.#page = page
    this.mark = 0
    this.goodbye = undefined
  }

  raise(want) {
    this.mark = Math.max(this.mark, want)
  }
}
