/**
 * Bytes that each message counts besides its own, wherever a limit is one of bytes: about what it takes in memory. Without it,
 * empty messages would count nothing, and any number of them could pile up. The client counts the same.
 */
export const MESSAGE_OVERHEAD = 256
