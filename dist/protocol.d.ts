/**
 * Counts the arrays and objects of a JSON text, without making them. `Infinity`: one is in more than so many others, or they are
 * more than so many. Says nothing about text that is not JSON.
 *
 * @param maxCount Arrays and objects. Default: any number.
 * @param maxDepth Arrays and objects in one another; or a function that answers it for a field of the outermost object.
 */
declare function countContainers(text: string, maxCount?: number, maxDepth?: number | ((field: string) => number)): number;

/** Ends of carriers and sessions (PROTOCOL.md 8). */
/** The client's next step after an end: try again, begin a new session, or give up. */
type Then = 'retry' | 'reset' | 'final';
/**
 * Types of ends, with their HTTP status and the client's next step; the close code of a WebSocket is 4000 more.
 * PROTOCOL.md 8.
 */
declare const END: {
    readonly [type in EndType]: readonly [status: number, then: Then];
};
/** The reason of an end, in one word: of some types, the reason itself says more. */
declare const reasonOf: ([type, reason]: readonly [type: EndType, reason: string, ...unknown[]]) => string;
type EndType = 'malformed' | 'unsupported-version' | 'unauthorized' | 'forbidden' | 'origin-refused' | 'not-found' | 'method-not-allowed' | 'timeout' | 'superseded' | 'taken' | 'lost' | 'gone' | 'closed' | 'too-large' | 'unsupported-encoding' | 'too-many-user-sessions' | 'internal' | 'too-many-sessions' | 'draining';

/** The fields of packets and the limits of protocol 1 (PROTOCOL.md 4 and 5). */

type TransportName = 'websocket' | 'sse' | 'long-poll' | 'short-poll' | 'forever-iframe';
/** Version of the protocol; PROTOCOL.md 2. */
declare const VERSION = 1;
/** Bytes of the entries of one packet, until a hello says otherwise, and at least. */
declare const MAX_BATCH = 60000;
/** Entries of one list of a packet. Small ones cost far more at their receiver than on the wire. */
declare const MAX_ENTRIES = 20000;
/** Bytes of the largest message, before encoding, until a hello says otherwise. */
declare const MAX_MESSAGE = 1000000;
/** Characters of a token. */
declare const MAX_TOKEN = 8192;
/** User ids that a message may be addressed to, and characters of one. */
declare const MAX_RECIPIENTS = 100;
declare const MAX_USER_ID = 256;
/** Arrays and objects in which JSON may be nested. */
declare const MAX_DEPTH = 1000;
/**
 * Arrays and objects that a message may have: 100,000, or one for each 10 bytes of the largest message if that is more. Each takes
 * up to 70 bytes in memory, and two on the wire.
 */
declare function maxContainers(maxMessage: number): number;
/**
 * Bytes that each message counts beside its own against every limit at both ends, because an empty message takes memory,
 * too.
 */
declare const MESSAGE_OVERHEAD = 64;
/** A position in the down log: the number of a message, and the store's opaque tag for it. */
type Position = readonly [number: number, tag: string];
/** Up: the user ids that a message is for. Down: the id of the session that it is from. 0: nobody. */
type Peer = string | readonly string[] | 0;
/**
 * A message: `[data]`, `[data, peer]` or `[data, peer, kind]`; or a part of one: `[data, peer, kind, offset, size]`. The kind is
 * a sum of {@link BINARY}, {@link REFUSED}, {@link FRAME} and {@link PART} (PROTOCOL.md 4.4).
 */
type Entry = [data: unknown, peer?: Peer, kind?: number, offset?: number, size?: number];
/** Entry kind: `data` is base64 (RFC 4648, section 4), or means nothing with {@link FRAME}. */
declare const BINARY = 1;
/** Entry kind, down only: the server's `relay` hook refused this message of the client; `peer` says to whom. */
declare const REFUSED = 2;
/**
 * Entry kind, WebSocket only: the bytes are the binary frame after this packet. Only the last entry of a packet may be so,
 * that of `volatile` if there is one.
 */
declare const FRAME = 4;
/** Entry kind: `data` is a piece of the message, from `offset` on (PROTOCOL.md 4.6). */
declare const PART = 8;
/** Messages, and the number of the first. */
type Batch = readonly [first: number, entries: readonly Entry[]];
/** The part of the down log that an exchange asks for in its answer. */
type Answer = 'none' | 'now' | 'wait';
/** Says whose packet it is: in the first packet of every WebSocket and every exchange. */
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
    /** Milliseconds of the longest heartbeat interval that passes the client's network. */
    readonly heartbeat?: number;
    /** Bytes of the largest batch down that suits the client's line. */
    readonly maxBatch?: number;
    /** Bytes of padding that push the beginning of a stream, and heartbeats on it, through the client's network. */
    readonly pad?: number;
    /** Path and query by which the application was addressed. Like the next two, it counts when the session is created. */
    readonly url?: string;
    /** Subprotocols of the application, best first. */
    readonly protocols?: readonly string[];
    /** The application's own description of this client: small JSON. */
    readonly meta?: unknown;
    /** Reserved (PROTOCOL.md 2). */
    readonly features?: readonly string[];
}
/** Header of the bridge's exchanges: the origin of the page around the bridge. PROTOCOL.md 7. */
declare const BRIDGE_HEADER = "rungs-origin";
/** Client → server. */
interface Up {
    readonly attach?: Attach;
    /** Position that is acknowledged, and how much of the message after it the client has. */
    readonly ack?: readonly [number: number, tag: string, partial?: number];
    readonly batch?: Batch;
    readonly volatile?: readonly Entry[];
    readonly answer?: Answer;
    /** Asks for hello in the answer to an exchange. */
    readonly hello?: 1;
    /** Number up to which the client knows its log to be accepted. A higher one ends a wait at once. */
    readonly accepted?: number;
    /** Asks for a sign of life on every carrier that brings messages down. */
    readonly probe?: 1;
    /** Milliseconds within which a wait is to be answered, if that is less than the heartbeat interval. */
    readonly within?: number;
    /** Asks for a ticket for a stream. */
    readonly stream?: TransportName;
    /** WebSocket only: the new token that the server asked for. */
    readonly token?: string;
    /** Ends the session after so many seconds, unless it is resumed. */
    readonly bye?: readonly [grace: number, code?: number | null, reason?: string | null];
}
/** Milliseconds after which a client that has lost the server comes back, at least and at most. */
type RetryBounds = readonly [least: number, most: number];
/** The server's terms for a session, and the name of the session. */
interface Hello {
    readonly version: number;
    /** Public id of the session. */
    readonly id: string;
    readonly epoch: string;
    /** Milliseconds of silence after which a stream gets a heartbeat. */
    readonly heartbeat: number;
    /** Milliseconds that the session lives without a carrier. */
    readonly lifetime: number;
    /** Bytes of the largest message, before encoding. */
    readonly maxMessage: number;
    /** Bytes of the entries of one packet. */
    readonly maxBatch: number;
    /** Bytes of messages down that may be unacknowledged; the client acknowledges each quarter of it. */
    readonly window: number;
    /** Exchanges that do not ask for hello need no token. */
    readonly bound?: 1;
    /** The subprotocol that the server chose. */
    readonly protocol?: string;
    /** When clients that lose the server come back, if they are so many that they must spread. Absent: `[0, 0]`. */
    readonly retryAfter?: RetryBounds;
    /** Reserved (PROTOCOL.md 2). */
    readonly features?: readonly string[];
}
/** Server → client. */
interface Down {
    readonly hello?: Hello;
    /**
     * Numbers up to which the up log is received and accepted; number of the last message of the down log; how much of the
     * message after the last received one the server has; bytes of messages down that are still to come.
     */
    readonly ack?: readonly [
        received: number,
        accepted: number,
        head: number,
        partial?: number,
        outstanding?: number
    ];
    /** With `ack`: what the client sent was not taken, and it is to go on from there. */
    readonly gap?: 1;
    readonly batch?: Batch;
    /** The store's tag for the last whole message of the batch. */
    readonly tag?: string;
    readonly volatile?: readonly Entry[];
    readonly ticket?: string;
    /** The second part of a stream's hello. */
    readonly ready?: 1;
    /** The server asks for a new token. */
    readonly token?: 1;
    /** Last packet of a carrier that was refused, or whose session ended. */
    readonly end?: readonly [type: EndType, reason: string, then: Then, code?: number];
    /** With `end`: as in hello, for this time, as where a server goes away and all its clients must find another one. */
    readonly retryAfter?: RetryBounds;
    /** With `end`: the highest version that the server speaks. */
    readonly version?: number;
}
/** The text of a packet, from fields that are JSON text already. Empty fields are left out. */
declare function packet(fields: {
    readonly [name in keyof Up | keyof Down]?: string | number | false | undefined;
}): string;
/** The entry of a packet whose bytes are in the next frame. The server checks that it is the last one. */
declare function awaitsFrame({ batch, volatile, }: Pick<Up, 'batch' | 'volatile'>): Entry | undefined;

/** A message of either log. A string body is JSON text. Bytes stay bytes until a carrier needs base64. */
interface Message {
    readonly body: string | Uint8Array;
    /** Bytes before encoding; every limit counts these. */
    readonly size: number;
    readonly peer?: Peer;
    readonly kind?: number;
}
/** A message with a copy of the data that an application sends; `undefined` if that is neither JSON nor binary. */
declare function createMessage(data: unknown, peer?: Peer, kind?: number): Message | undefined;
/** Encodes bytes as base64. */
type EncodeBinary = (bytes: Uint8Array) => string;
/** A message as an entry, or a part of one. */
interface EncodedEntry {
    /** The entry as JSON text. */
    readonly text: string;
    /** Bytes of the text in UTF-8, and of the frame. */
    readonly bytes: number;
    /** Where the next part begins. The length of the body: there is none. */
    readonly end: number;
    /** Bytes that follow the packet in a frame of their own. */
    readonly frame?: Uint8Array;
}
/**
 * The entry of a message from an offset on: all of it, or as much as fits `room` bytes. Nothing if there is no room for a part
 * that is worth an entry; the first entry of a batch always is.
 *
 * @param base64 Encodes bytes. Without it, they go in a frame.
 */
declare function encodeEntry(message: Message, offset: number, room: number, isFirst: boolean, base64?: EncodeBinary): EncodedEntry | undefined;
/** A whole message as an entry. */
declare function encodeWhole(message: Message, base64?: EncodeBinary): EncodedEntry;

/** Bytes or units of the smallest part that is not the last of its message. */
declare const MIN_PART_LENGTH = 128;
/** The beginning of a message whose other parts are still to come. */
interface PartialMessage {
    readonly peer: Peer;
    /** Kind of the message, without {@link PART} and {@link FRAME}. */
    readonly kind: number;
    /** Length of the whole: bytes, or UTF-16 code units of its JSON text. */
    readonly size: number;
    /** Length of what is there. */
    readonly length: number;
    readonly pieces: readonly (string | Uint8Array)[];
}
/** Whether an entry is a part of a message. Its data is a text, or bytes that were decoded. */
declare const isPart: ([, , kind]: Entry) => boolean;
/**
 * Adds a part to what is there of its message. Answers the same if nothing is new, `gap` if something before it is missing, and
 * `malformed` if the part is not of this message, or breaks the rules for parts.
 */
declare function addPart(partial: PartialMessage | undefined, [data, peer, kind, offset, size]: Entry): PartialMessage | 'gap' | 'malformed';
/** The entry of a message whose parts are all there; nothing if its text is not JSON. */
declare function joinParts({ peer, kind, size, pieces }: PartialMessage): Entry | undefined;

/**
 * Length of a text in bytes of UTF-8 (RFC 3629), without an encoder, which jsdom and old engines lack. Printable ASCII, which
 * most texts are, needs no look at each unit.
 */
declare function byteLength(text: string): number;

export { BINARY, BRIDGE_HEADER, END, FRAME, MAX_BATCH, MAX_DEPTH, MAX_ENTRIES, MAX_MESSAGE, MAX_RECIPIENTS, MAX_TOKEN, MAX_USER_ID, MESSAGE_OVERHEAD, MIN_PART_LENGTH, PART, REFUSED, VERSION, addPart, awaitsFrame, byteLength, countContainers, createMessage, encodeEntry, encodeWhole, isPart, joinParts, maxContainers, packet, reasonOf };
export type { Answer, Attach, Batch, Down, EncodeBinary, EncodedEntry, EndType, Entry, Hello, Message, PartialMessage, Peer, Position, RetryBounds, Then, TransportName, Up };
