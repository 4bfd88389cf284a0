type TransportName = 'websocket' | 'sse' | 'long-poll' | 'short-poll' | 'forever-iframe';
/** Version of the protocol; PROTOCOL.md 2. */
declare const VERSION = 1;
/** Encoded bytes of messages in one packet: so many, or one message (PROTOCOL.md 5). `sendBeacon` takes 64 KiB. */
declare const MAX_BATCH = 60000;
/** Largest message, in bytes before encoding, until a hello says otherwise. */
declare const MAX_MESSAGE = 1000000;
/**
 * Bytes that each message counts beside its own against every limit at both ends, because an empty message takes memory,
 * too.
 */
declare const MESSAGE_OVERHEAD = 64;
/** A position in the down log: the number of a message, and the store's opaque tag for it. */
type Position = readonly [number: number, tag: string];
/** User ids (up: whom it is for) or one session id (down: who it is from); 0 is nobody. */
type Peer = string | readonly string[] | 0;
/** `[data]`, `[data, peer]` or `[data, peer, kind]`; the kind is a sum of {@link BINARY}, {@link REFUSED} and {@link FRAME}. */
type Entry = [data: unknown, peer?: Peer, kind?: number];
/** Entry kind: `data` is base64 (RFC 4648, section 4); with {@link FRAME}, it is not there. */
declare const BINARY = 1;
/** Entry kind, down only: the server's `relay` hook refused this message of the client; `peer` says to whom. */
declare const REFUSED = 2;
/** Entry kind, WebSocket only: the bytes are the binary frame after this packet, whose last entry this must be
 * (of `volatile`, if there is one). */
declare const FRAME = 4;
/** Messages with the number of the first: nothing is implicit. */
type Batch = readonly [first: number, entries: readonly Entry[]];
/** What an exchange wants of the down log in its answer. */
type Answer = 'none' | 'now' | 'wait';
/** The first packet of a WebSocket and every exchange say whose they are. */
interface Attach {
    readonly version: number;
    /** 128 random bits, as text. Secret. */
    readonly key: string;
    /** Absent: create the session if it does not exist. Present: never create. */
    readonly epoch?: string;
    /** The client's counter of attaches and exchanges: 1, 2, 3 … */
    readonly t: number;
    /** The lowest `t` that the client still wants. */
    readonly want: number;
    /** Generation and random holder of the page, where the session can be resumed. */
    readonly page?: readonly [generation: number, holder: string];
    readonly token?: string;
}
/** Header of an exchange that the bridge frame makes: the origin of the page around it. PROTOCOL.md 7. */
declare const BRIDGE_HEADER = "rungs-origin";
/** Client → server. */
interface Up {
    readonly attach?: Attach;
    readonly ack?: Position;
    readonly batch?: Batch;
    readonly volatile?: readonly Entry[];
    readonly answer?: Answer;
    /** How far the client knows its log up to be accepted: news of it ends a wait at once. */
    readonly accepted?: number;
    /** Asks for a sign of life on every carrier that brings messages down. */
    readonly probe?: 1;
    /** Milliseconds within which a wait is to be answered, where that is less than the heartbeat interval. */
    readonly within?: number;
    /** Asks for a ticket for a stream. */
    readonly stream?: TransportName;
    /** Ends the session after so many seconds, unless it is resumed. */
    readonly bye?: readonly [grace: number, code?: number | null, reason?: string | null];
}
/** What a session may do, as the server says it. */
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
}
/** Server → client. */
interface Down {
    readonly hello?: Hello;
    /** How far the up log is received and accepted, and the head of the down log. */
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
}
/** What a client does after an end: try again, begin a new session, or give up. */
type Then = 'retry' | 'reset' | 'final';
/**
 * Why a carrier or its session ended, with the HTTP status and what the client does then; a WebSocket closes with 4000
 * more. PROTOCOL.md 8.
 */
declare const END: {
    readonly [type in EndType]: readonly [status: number, then: Then];
};
type EndType = 'malformed' | 'unsupported-version' | 'unauthorized' | 'forbidden' | 'origin-refused' | 'not-found' | 'method-not-allowed' | 'timeout' | 'superseded' | 'taken' | 'gap' | 'lost' | 'gone' | 'closed' | 'too-large' | 'unsupported-encoding' | 'too-many-user-sessions' | 'internal' | 'too-many-sessions' | 'draining';
/** A message of either log. A string body is JSON text; bytes stay bytes until a carrier needs base64. */
interface Message {
    readonly body: string | Uint8Array;
    /** Bytes before encoding: what every limit counts. */
    readonly size: number;
    readonly peer?: Peer;
    readonly kind?: number;
}
/** A message from what an application sends, copied; `undefined` where it is neither JSON nor binary. */
declare function createMessage(data: unknown, peer?: Peer, kind?: number): Message | undefined;
/** An entry as JSON text; `base64` encodes what is binary, unless the bytes go in a frame of their own. */
declare function encodeEntry({ body, peer, kind }: Message, base64?: (bytes: Uint8Array) => string): string;
/** A packet as text, from fields that are JSON text already. */
declare function packet(fields: {
    readonly [name in keyof Up | keyof Down]?: string | number | false | undefined;
}): string;
/** A packet from the server; nothing where some box on the way wrote something else. */
declare function readPacket(text: string): Down | null | undefined;
/** The entry of a packet whose bytes are in the next frame. Only its last one may be; whoever reads a packet from a client checks that. */
declare function awaitsFrame({ batch, volatile, }: Pick<Up, 'batch' | 'volatile'>): Entry | undefined;

export { BINARY, BRIDGE_HEADER, END, FRAME, MAX_BATCH, MAX_MESSAGE, MESSAGE_OVERHEAD, REFUSED, VERSION, awaitsFrame, createMessage, encodeEntry, packet, readPacket };
export type { Answer, Attach, Batch, Down, EndType, Entry, Hello, Message, Peer, Position, Then, TransportName, Up };
