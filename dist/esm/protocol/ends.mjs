/** Ends of carriers and sessions (PROTOCOL.md 8). */
/**
 * Types of ends, with their HTTP status and the client's next step; the close code of a WebSocket is 4000 more.
 * PROTOCOL.md 8.
 */
const END = {
    malformed: [400, 'retry'],
    'unsupported-version': [400, 'final'],
    unauthorized: [401, 'final'],
    forbidden: [403, 'reset'],
    'origin-refused': [403, 'final'],
    'not-found': [404, 'retry'],
    'method-not-allowed': [405, 'retry'],
    timeout: [408, 'retry'],
    superseded: [409, 'retry'],
    taken: [409, 'reset'],
    lost: [410, 'reset'],
    gone: [410, 'reset'],
    closed: [410, 'final'],
    'too-large': [413, 'final'],
    'unsupported-encoding': [415, 'retry'],
    'too-many-user-sessions': [429, 'retry'],
    internal: [500, 'retry'],
    'too-many-sessions': [503, 'retry'],
    draining: [503, 'retry'],
};
/** The reason of an end, in one word: of some types, the reason itself says more. */
const reasonOf = ([type, reason]) => (type === 'gone' ? reason : type);

export { END, reasonOf };
//# sourceMappingURL=ends.mjs.map
