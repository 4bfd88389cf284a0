/**
 * Ends a process that had a fault proxy and a browser. Not with `exitCode`: Node 20 may spin for ever as it cleans up after
 * sockets that were cut (nodejs/node#47748).
 *
 * @param {boolean} failed
 */
export const leave = (failed) => process.exit(failed ? 1 : 0)
