/**
 * The interface of a transport: facts and one `open`. The ladder decides, a transport never does. A new transport is one
 * new file that implements {@link Transport}.
 */
/** The slowest line on which deadlines still hold, in bytes a millisecond. */
const SLOWEST_LINE = 8;

export { SLOWEST_LINE };
//# sourceMappingURL=transport.mjs.map
