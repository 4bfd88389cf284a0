type TransportName = 'websocket' | 'sse' | 'long-poll' | 'short-poll' | 'forever-iframe';
/** Version of the protocol; PROTOCOL.md 2. */
declare const VERSION = 1;
/** Bytes of encoded messages in one packet, or one message (PROTOCOL.md 5). Below the 64 KiB of a beacon. */
declare const MAX_BATCH = 60000;
/** Bytes of the largest message, before encoding, until a hello says otherwise. */
declare const MAX_MESSAGE = 1000000;
/**
 * Bytes that each message counts beside its own against every limit at both ends, because an empty message takes memory,
 * too.
 */
declare const MESSAGE_OVERHEAD = 64;
/** A position in the down log: the number of a message, and the store's opaque tag for it. */
type Position = readonly [number: number, tag: string];
/** Up: the user ids that a message is for. Down: the id of the session that it is from. 0: nobody. */
type Peer = string | readonly string[] | 0;
/** `[data]`, `[data, peer]` or `[data, peer, kind]`; the kind is a sum of {@link BINARY}, {@link REFUSED} and {@link FRAME}. */
type Entry = [data: unknown, peer?: Peer, kind?: number];
/** Entry kind: `data` is base64 (RFC 4648, section 4), or means nothing with {@link FRAME}. */
declare const BINARY = 1;
/** Entry kind, down only: the server's `relay` hook refused this message of the client; `peer` says to whom. */
declare const REFUSED = 2;
/**
 * Entry kind, WebSocket only: the bytes are the binary frame after this packet. Only the last entry of a packet may be so,
 * that of `volatile` if there is one.
 */
declare const FRAME = 4;
/** Messages, and the number of the first. */
type Batch = readonly [first: number, entries: readonly Entry[]];
/** The part of the down log that an exchange asks for in its answer. */
type Answer = 'none' | 'now' | 'wait';
/** Says whose packet it is: in the first packet of a WebSocket and in every exchange. */
interface Attach {
    readonly version: number;
    /** 128 random bits, as text. Secret: whoever has the key has the session. */
    readonly key: string;
    /** Absent: create the session if it does not exist. Present: never create. */
    readonly epoch?: string;
    /** The client's counter of attaches and exchanges: 1, 2, 3 … */
    readonly t: number;
    /** The lowest `t` that the client still wants. */
    readonly want: number;
    /** Generation and random holder of the page, if the session can be resumed. */
    readonly page?: readonly [generation: number, holder: string];
    readonly token?: string;
}
/** Header of the bridge's exchanges: the origin of the page around the bridge. PROTOCOL.md 7. */
declare const BRIDGE_HEADER = "rungs-origin";
/** Client → server. */
interface Up {
    readonly attach?: Attach;
    readonly ack?: Position;
    readonly batch?: Batch;
    readonly volatile?: readonly Entry[];
    readonly answer?: Answer;
    /** Number up to which the client knows its log to be accepted. A higher one ends a wait at once. */
    readonly accepted?: number;
    /** Asks for a sign of life on every carrier that brings messages down. */
    readonly probe?: 1;
    /** Milliseconds within which a wait is to be answered, if that is less than the heartbeat interval. */
    readonly within?: number;
    /** Asks for a ticket for a stream. */
    readonly stream?: TransportName;
    /** Ends the session after so many seconds, unless it is resumed. */
    readonly bye?: readonly [grace: number, code?: number | null, reason?: string | null];
}
/** Milliseconds after which a client that has lost the server comes back, at least and at most. */
type RetryBounds = readonly [least: number, most: number];
/** The server's limits for a session, and the name of the session. */
interface Hello {
    readonly version: number;
    /** Public id of the session. */
    readonly id: string;
    /** Milliseconds of silence after which a stream gets a heartbeat. */
    readonly heartbeat: number;
    /** Milliseconds that the session lives without a carrier. */
    readonly lifetime: number;
    /** Bytes of the largest message, before encoding. */
    readonly maxMessage: number;
    /** Bytes of messages down that may be unacknowledged; the client acknowledges each quarter of it. */
    readonly window: number;
    /** When clients that lose the server come back, if they are so many that they must spread. Absent: `[0, 0]`. */
    readonly retryAfter?: RetryBounds;
}
/** Server → client. */
interface Down {
    readonly hello?: Hello;
    /** Epoch; numbers up to which the up log is received and accepted; number of the last message of the down log. */
    readonly ack?: readonly [epoch: string, received: number, accepted: number, head: number];
    readonly batch?: Batch;
    /** The store's tag for the last message of the batch. */
    readonly tag?: string;
    readonly volatile?: readonly Entry[];
    readonly ticket?: string;
    /** The second part of a stream's hello. */
    readonly ready?: 1;
    /** Last packet of a carrier that was refused, or whose session ended. */
    readonly end?: readonly [type: EndType, reason: string, then: Then, code?: number];
    /** With `end`: the same for this time, as where a server goes away and all its clients must find another one. */
    readonly retryAfter?: RetryBounds;
}
/** The client's next step after an end: try again, begin a new session, or give up. */
type Then = 'retry' | 'reset' | 'final';
/**
 * Types of ends, with their HTTP status and the client's next step; the close code of a WebSocket is 4000 more.
 * PROTOCOL.md 8.
 */
declare const END: {
    readonly [type in EndType]: readonly [status: number, then: Then];
};
type EndType = 'malformed' | 'unsupported-version' | 'unauthorized' | 'forbidden' | 'origin-refused' | 'not-found' | 'method-not-allowed' | 'timeout' | 'superseded' | 'taken' | 'gap' | 'lost' | 'gone' | 'closed' | 'too-large' | 'unsupported-encoding' | 'too-many-user-sessions' | 'internal' | 'too-many-sessions' | 'draining';
/** A message of either log. A string body is JSON text. Bytes stay bytes until a carrier needs base64. */
interface Message {
    readonly body: string | Uint8Array;
    /** Bytes before encoding; every limit counts these. */
    readonly size: number;
    readonly peer?: Peer;
    readonly kind?: number;
}
/** A message with a copy of the data that an application sends; `undefined` if it is neither JSON nor binary. */
declare function createMessage(data: unknown, peer?: Peer, kind?: number): Message | undefined;
/** An entry as JSON text. `base64` encodes binary messages; without it, the bytes go in a frame of their own. */
declare function encodeEntry({ body, peer, kind }: Message, base64?: (bytes: Uint8Array) => string): string;
/** The text of a packet, from fields that are JSON text already. Empty fields are left out. */
declare function packet(fields: {
    readonly [name in keyof Up | keyof Down]?: string | number | false | undefined;
}): string;
/** A packet from the server; nothing if some box on the way wrote the text in its place. */
declare function readPacket(text: string): Down | null | undefined;
/** The entry of a packet whose bytes are in the next frame. The server checks that it is the last one. */
declare function awaitsFrame({ batch, volatile, }: Pick<Up, 'batch' | 'volatile'>): Entry | undefined;

export { BINARY, BRIDGE_HEADER, END, FRAME, MAX_BATCH, MAX_MESSAGE, MESSAGE_OVERHEAD, REFUSED, VERSION, awaitsFrame, createMessage, encodeEntry, packet, readPacket };
export type { Answer, Attach, Batch, Down, EndType, Entry, Hello, Message, Peer, Position, RetryBounds, Then, TransportName, Up };
