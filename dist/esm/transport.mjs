/**
 * What a transport is: facts and one `open`. The ladder decides, a transport never does. A new transport is one
 * new file that implements {@link Transport}.
 */
/** The slowest plausible line, in bytes a millisecond. */
const SLOWEST = 8;

export { SLOWEST };
//# sourceMappingURL=transport.mjs.map
