/** Counts the echoes of the messages 1, 2, 3 … of one sender. */
export function createTally() {
  const seen = new Set()
  let highest = 0
  let repeated = 0
  let reordered = 0

  return {
    /** @param {number} number */
    receive(number) {
      if (seen.has(number)) repeated++
      else if (number < highest) reordered++
      highest = Math.max(highest, number)
      seen.add(number)
    },
    /** Nothing up to this number is still under way. @param {number} number */
    giveUp(number) {
      highest = Math.max(highest, number)
    },
    /** @param {number} number */
    fate: (number) => (seen.has(number) ? 'received' : number <= highest ? 'lost' : 'waiting'),
    get counts() {
      // In order means: what has not come before a higher number is lost, unless it comes all the same.
      return { received: seen.size + repeated, lost: highest - seen.size, repeated, reordered }
    },
    get different() {
      return seen.size
    },
  }
}
