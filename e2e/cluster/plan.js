// @ts-check
/** The traffic's plan, the same for pages, Node clients and the runner: who is in which room, who is which user, and who hears whom. */

/**
 * How a message gets to its receivers: the server sends it to the session it came from, to the sender's room, or to another user;
 * or the client itself addresses that user, and the server relays.
 *
 * @typedef {'session' | 'room' | 'user' | 'relay'} Way
 */

/** @type {readonly Way[]} */
export const WAYS = ['session', 'room', 'user', 'relay']

/** @typedef {Record<Way, number>} Sent */

/** A client's outcome, as numbers. @typedef {{ received: number, lost: number, repeated: number, reordered: number }} Counts */

const PEERS_IN_ROOM = 4
const SESSIONS_OF_USER = 2

/** @param {number} index */
export const roomOf = (index) => `room-${Math.floor(index / PEERS_IN_ROOM)}`

/** @param {number} index */
export const userOf = (index) => `user-${Math.floor(index / SESSIONS_OF_USER)}`

/**
 * The user that a peer sends to: the next one, and by relay the one after.
 *
 * @param {number} index
 * @param {Way} way
 * @param {number} peers
 */
export function addresseeOf(index, way, peers) {
  const steps = way === 'relay' ? 2 : 1
  return userOf((index + steps * SESSIONS_OF_USER) % peers)
}

/**
 * Whether a receiver gets what a sender sends in this way.
 *
 * @param {number} receiver
 * @param {number} sender
 * @param {Way} way
 * @param {number} peers
 */
export function hears(receiver, sender, way, peers) {
  if (way === 'session') return receiver === sender
  if (way === 'room') return roomOf(receiver) === roomOf(sender)
  return userOf(receiver) === addresseeOf(sender, way, peers)
}
