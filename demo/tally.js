/** Counts the messages 1, 2, 3 … of one sender, however many: it keeps only what is missing. */
export function createTally() {
  /** Up to here a number has come, or is missing. */
  let highest = 0
  /** @type {Set<number>} */
  const missing = new Set()
  let repeated = 0
  let reordered = 0

  const skipTo = (number) => {
    while (highest < number) missing.add(++highest)
  }

  return {
    /** @param {number} number */
    receive(number) {
      if (number > highest) {
        skipTo(number - 1)
        highest = number
      } else if (missing.delete(number)) reordered++
      else repeated++
    },
    /** Nothing up to this number is still under way. @param {number} number */
    giveUp(number) {
      skipTo(number)
    },
    /** @param {number} number */
    fate(number) {
      if (number > highest) return 'waiting'
      return missing.has(number) ? 'lost' : 'received'
    },
    get counts() {
      // In order means: what has not come before a higher number is lost, unless it comes all the same.
      const lost = missing.size
      return { received: highest - lost + repeated, lost, repeated, reordered }
    },
    get different() {
      return highest - missing.size
    },
  }
}
