/** `type` of a {@link RungsError}. */
type ErrorType = 
/** `connect`: the URL is not http(s) or ws(s), or has a query or fragment. */
'invalid-url'
/** `connect`: an option has a value that it cannot have. */
 | 'invalid-option'
/** `connect`, `setTransports`: the browser supports none of these transports, or lacks `crypto.getRandomValues`. */
 | 'unsupported'
/** `connect`: this page is in a hidden frame of this library, because it was answered in place of the server's bridge. */
 | 'bridge-frame'
/** `send`: neither JSON nor binary. */
 | 'invalid-message'
/** `send`: larger than the server's `maxMessage`. `drained`: no request with a part of it passes; see `onRefused`. */
 | 'message-too-large'
/** `send`: more than `maxBuffered` bytes would wait for the server. Nothing was queued. */
 | 'buffer-full'
/** `send`, `setTransports`, `drained`: the socket is closed. */
 | 'closed'
/** `drained`: the server no longer knows the session; see `onReset`. */
 | 'reset';
/** The only error that this library throws or rejects with. Switch on `type`; the message says what to do. */
declare class RungsError extends Error {
    readonly type: ErrorType;
    constructor(type: ErrorType, message: string);
}

/** Time and chance as arguments, so that tests need no waiting. */
interface Clock {
    /** Whole milliseconds since some time. Goes on evenly whatever somebody sets the clock to, but may stand still in sleep. */
    now(): number;
    /** Milliseconds since 1970, as the machine believes. */
    wallTime(): number;
    /** Calls back after so many milliseconds. Returns the function that cancels the call. */
    after(ms: number, callback: () => void): () => void;
    /** 0 ≤ random < 1. */
    random(): number;
}

/** Ends of carriers and sessions (PROTOCOL.md 8). */
/** The client's next step after an end: try again, begin a new session, or give up. */
type Then = 'retry' | 'reset' | 'final';
type EndType = 'malformed' | 'unsupported-version' | 'unauthorized' | 'forbidden' | 'origin-refused' | 'not-found' | 'method-not-allowed' | 'timeout' | 'superseded' | 'taken' | 'lost' | 'gone' | 'closed' | 'too-large' | 'unsupported-encoding' | 'too-many-user-sessions' | 'internal' | 'too-many-sessions' | 'draining';

/** The fields of packets and the limits of protocol 1 (PROTOCOL.md 4 and 5). */

type TransportName = 'websocket' | 'sse' | 'long-poll' | 'short-poll' | 'forever-iframe';
/** A position in the down log: the number of a message, and the store's opaque tag for it. */
type Position = readonly [number: number, tag: string];
/** Up: the user ids that a message is for. Down: the id of the session that it is from. 0: nobody. */
type Peer = string | readonly string[] | 0;
/**
 * A message: `[data]`, `[data, peer]` or `[data, peer, kind]`; or a part of one: `[data, peer, kind, offset, size]`. The kind is
 * a sum of {@link BINARY}, {@link REFUSED}, {@link FRAME} and {@link PART} (PROTOCOL.md 4.4).
 */
type Entry = [data: unknown, peer?: Peer, kind?: number, offset?: number, size?: number];
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

/** A message of either log. A string body is JSON text. Bytes stay bytes until a carrier needs base64. */
interface Message {
    readonly body: string | Uint8Array;
    /** Bytes before encoding; every limit counts these. */
    readonly size: number;
    readonly peer?: Peer;
    readonly kind?: number;
}
/** Encodes bytes as base64. */
type EncodeBinary = (bytes: Uint8Array) => string;

/**
 * The interface of a transport: facts and one `open`. The ladder decides, a transport never does. A new transport is one
 * new file that implements {@link Transport}.
 */

/** Fields of a packet, as JSON text. */
type Fields = {
    readonly [name in keyof Up]?: string | number | undefined;
};
/** The first frame of a WebSocket, or the body of an exchange. */
interface AttachPacket {
    /** A packet with `attach`, which says whose it is, and perhaps one with messages in a line below. */
    readonly text: string;
    /** Number of this attach, 1 or more. The server serves it until {@link Link.release} gives it up. */
    readonly t: number;
    /** Milliseconds that the answer to it may take. */
    readonly timeout: number;
}
interface LastWords extends AttachPacket {
    /** Nothing is to follow. */
    readonly isLast: boolean;
}
/** The session as one carrier sees it: a cursor of its own in the log up. */
interface Link {
    /** Absolute http(s) URL of the server's path. */
    readonly url: string;
    /** Whether cookies go to another origin. */
    readonly credentials: boolean;
    readonly clock: Pick<Clock, 'now' | 'wallTime' | 'after'>;
    /**
     * A packet with `attach` and these fields. Messages ride along if there is an encoder for binary ones.
     */
    attach(fields?: Fields, encodeBinary?: EncodeBinary): AttachPacket;
    /**
     * A packet of less than 64 KiB for a request that outlives its page, with as many messages as have room. `bye`, a goodbye as
     * JSON text, is in it if nothing is left to send, or if nothing can follow (`isFinal`).
     */
    lastWords(encodeBinary: EncodeBinary, isFinal: boolean, bye?: string): LastWords;
    /**
     * The next WebSocket frame; `undefined` if there is nothing to send. `isEnding`: the carrier closes behind the frames, so
     * nothing waits for its turn.
     */
    nextFrame(isEnding?: boolean): string | Uint8Array<ArrayBuffer> | undefined;
    /**
     * A body with messages has passed, or was answered by no server: with this status, 0 if its connection broke. Answers true if it is
     * to be sent again, in smaller parts.
     */
    bodyAnswered(body: AttachPacket, status?: number): boolean;
    /** Whether there is something to send. */
    hasPending(): boolean;
    /**
     * A packet arrived on this carrier. `isUpIdle`: its acknowledgement counts everything that this carrier has sent, because
     * nothing is on its way up.
     */
    receive(down: Down, isUpIdle: boolean): void;
    /** An answer took so many milliseconds from its first byte to its last one, or until it was cut off: then `bytes` is absent. */
    noteAnswer(ms: number, bytes?: number): void;
    /** Gives up one answer or stream by its number. */
    release(t: number): void;
    /** Gives up everything that this link still wanted. */
    releaseAll(): void;
}
interface CarrierEvents {
    /**
     * A packet arrived, of so many bytes. `outOfBand`: as the answer to a request that went up beside the stream or the
     * waiting poll, so the packet proves nothing about how messages come down.
     */
    packet(down: Down, bytes: number, outOfBand?: boolean): void;
    /** Bytes arrived that make no packet yet. */
    progress(): void;
    /** Nothing will come any more. Called once, and not if the carrier was closed by its owner. */
    closed(reason: string): void;
}
interface Carrier {
    /** There may be something to send. */
    flush(): void;
    /**
     * Ends the carrier without a `closed` event. `bye`, a goodbye as JSON text, goes out first, behind all that is to be sent, if
     * the carrier can say it at once. Answers true if it did; else a request that needs no carrier says it.
     */
    close(bye?: string): boolean | void;
}
interface Transport {
    readonly name: TransportName;
    /** Whether the first answer is the proof: the transport needs one round trip, and serves while others are tried. */
    readonly instant?: boolean;
    /**
     * Bytes of the packets down that the transport asks for, because nothing of one is seen before all of it is there, and nothing of
     * its end. Absent: as large as the line and the server allow.
     */
    readonly maxPacketDown?: number | undefined;
    /** Whether this browser has what the transport needs. */
    supported(): boolean;
    /** Opens a carrier. May throw where the browser refuses to make the connection at all. */
    open(link: Link, on: CarrierEvents): Carrier;
}

/** The part of a session that survives a reload of its page, and the storage for it. */

interface SavedSession {
    readonly key: string;
    readonly epoch: string;
    /** Generation and holder of the page (PROTOCOL.md 6.5). */
    readonly page: readonly [generation: number, holder: string];
    /** Position in the log down: everything up to it was delivered. */
    readonly position: Position;
    /** Number up to which the server has accepted the log up, and the messages after that. */
    readonly accepted: number;
    readonly log: readonly Message[];
}
/** Storage for a session while its page reloads. */
interface SessionStorage {
    /**
     * The session that a new page begins with: the stored one with a page of the next generation, or nothing but a page of
     * generation 0. The holder is a text of 1 to 64 characters that no other page has. Removes the stored session, so that a
     * copy of the tab which comes later finds nothing and begins anew.
     */
    take(): Pick<SavedSession, 'page'> & Partial<SavedSession>;
    /** Stores a session. Answers whether that worked; `undefined` for a session that the server does not know yet. */
    put(saved: SavedSession | undefined): boolean;
}

/**
 * The order in which transports are tried. A transport that fails, or lives for a short time again and again, cools down:
 * meanwhile it is tried last.
 */

interface Cooldown {
    /** Failures in a row. */
    readonly failures: number;
    /** Wall time until which the transport is tried last: it outlives the page. */
    readonly until: number;
}
type Cooldowns = {
    [name in TransportName]?: Cooldown;
};

/** How transports fared on the way to a server. */
interface NetworkRecord {
    readonly cooldowns: Cooldowns;
    /** Milliseconds of a round trip; 0: not known. */
    readonly rtt: number;
    /** Milliseconds of the longest heartbeat that passes; absent: the server's, as far as is known. */
    readonly heartbeat?: number;
    /** Bytes of padding without which streams are held back; absent: none, as far as is known. */
    readonly pad?: number;
    /** Bytes of the largest body of a request that passes; absent: any does, as far as is known. */
    readonly body?: number;
}
/** Storage for the records of all servers. */
interface NetworkMemory {
    /** The record of a server; `undefined` if there is none. */
    load(server: string): NetworkRecord | undefined;
    save(server: string, record: NetworkRecord): void;
}

/** One use of a transport: its link, its carrier, its line in the trace, and when it becomes suspect. */

/** The line of an attempt in the trace. */
interface AttemptRecord {
    readonly transport: TransportName;
    /** When the attempt began, in milliseconds since 1970. */
    readonly began: number;
    /** Milliseconds from its beginning until it carried; absent: not yet, or never. */
    readonly opened?: number;
    /** Milliseconds from its beginning to its end; absent: still open. */
    readonly ended?: number;
    /** Why it ended; absent: still open. */
    readonly reason?: string;
}

/** Removes the listener that it was returned for. A second call does nothing. */
type Unsubscribe = () => void;

/** The public types: options, events and the socket. */

/** A JSON value. A string arrives as the same string. */
type Json = string | number | boolean | null | readonly Json[] | {
    readonly [name: string]: Json | undefined;
};
/** Data that can be sent. Binary data is copied, and arrives as a `Uint8Array`. */
type Data = Json | ArrayBuffer | ArrayBufferView;
/**
 * `connecting` until the first carrier is proven, then `open`; `reconnecting` while there is none;
 * `closed` for good.
 */
type State = 'connecting' | 'open' | 'reconnecting' | 'closed';
/** A message that was not delivered, as it was given to `send`. */
interface Undelivered<Out = Data> {
    readonly data: Out;
    /** The user ids that it was for, if any. */
    readonly to?: readonly string[];
}
/** The messages that the server had not accepted, sorted by what may have become of them. */
interface Leftovers<Out = Data> {
    /** Never handed to any carrier: certainly not processed. */
    readonly unsent: readonly Undelivered<Out>[];
    /** Handed to a carrier, and not known to be accepted: perhaps processed, perhaps not. */
    readonly inDoubt: readonly Undelivered<Out>[];
}
/** A message that comes back, because it was certainly not processed, and does not get through. */
interface RefusedMessage<Out = Data> extends Undelivered<Out> {
    /**
     * `relay`: the server's `relay` hook refused an addressed message. `body-limit`: no WebSocket passes, and something on the way
     * refuses even a request with a part of it (RFC 9110, 15.5.14).
     */
    readonly reason: 'relay' | 'body-limit';
    /** With `body-limit`: bytes of the smallest request that was refused, 2,048 at most. */
    readonly limit?: number;
}
interface ResetEvent<Out = Data> extends Leftovers<Out> {
    /** Why: `unknown`, `expired`, `overflow`, `handler-failed`, `taken`, `lost` … (PROTOCOL.md 8), or `user-changed`. */
    readonly reason: string;
}
interface StateEvent<Out = Data> extends Partial<Leftovers<Out>> {
    readonly state: State;
    /** Why, in the words of PROTOCOL.md 8 where the server said so. With `closed`, the reason of the end. */
    readonly reason: string;
    /** With `closed`: the code given to `close` at either end, else 1000 (RFC 6455, 7.4.1). */
    readonly code?: number;
}
/** Another transport carries, or none; or an attempt has failed, and `transport` is still what it was. */
interface TransportEvent {
    /** The transport that carries now; `null` while none does. */
    readonly transport: TransportName | null;
    readonly previous: TransportName | null;
    /**
     * `opened` where nothing carried before, `preferred` where a better one took over from one that worked, else why the
     * previous one was suspect, why it ended, or why the last attempt failed. docs/reasons.md lists them all.
     */
    readonly reason: string;
}
interface MessageInfo {
    /** Public id of the session that sent the message, if a client did. */
    readonly from?: string;
}
interface SendOptions {
    /** User ids, up to 100 of 1 to 256 characters: only their sessions get the message, if the server's `relay` hook allows it. */
    readonly to?: string | readonly string[];
    /** Dropped if no transport carries at this moment. Neither numbered nor sent again. Default `false`. */
    readonly volatile?: boolean;
}
/** Options of both entries of the package. */
interface CommonOptions {
    /**
     * A token for the server's `authenticate`, or a function that gets one, called before each carrier is opened. Tokens
     * travel in bodies and frames, never in a URL. A function that throws or rejects counts as a failed attempt. A token that
     * the server has refused is not sent again: the socket closes as `unauthorized` as soon as no transport carries.
     */
    readonly auth?: string | (() => string | PromiseLike<string>);
    /**
     * Bytes of messages that may wait for the server's acceptance before `send` throws `buffer-full`, above 0. One message
     * for each 64 of them may wait, at least 16, because empty messages take memory, too. Default 4,000,000 bytes, which are
     * 62,500 messages, or four messages of the server's `maxMessage` if that is more.
     */
    readonly maxBuffered?: number;
    /**
     * Messages that are sent again by themselves after a reset (see `onReset`): `unsent`, which were certainly not processed;
     * `all`, so that those in doubt may be processed twice; or `none`. Default `unsent`. Where the user has changed, nothing is
     * sent again.
     */
    readonly resend?: 'unsent' | 'all' | 'none';
    /** Subprotocols of the application, best first, up to 16 of 1 to 64 characters. The server chooses one: `socket.protocol`. */
    readonly protocols?: readonly string[];
    /** The application's own description of this client when the session is created, for the server's `session.meta`. Up to 4,096 characters of JSON. */
    readonly meta?: Json;
    /** Sends cookies to another origin (`XMLHttpRequest.withCredentials`). Default `false`. */
    readonly credentials?: boolean;
    /** Closes the socket when aborted. */
    readonly signal?: AbortSignal;
}
/** Options of `connect` from `rungs`. */
interface Options extends CommonOptions {
    /** The ladder, best rung first. Default: all five. */
    readonly transports?: readonly (TransportName | Transport)[];
    /**
     * Keeps the session over a page reload, under this name (`true`: `default`); one name a `connect` on a page.
     * Default `false`.
     */
    readonly resume?: boolean | string;
    /**
     * Remembers in `localStorage`, for a day, which transports failed on the way to this server, so that the next page
     * starts with what works. Default `true`.
     */
    readonly remember?: boolean;
}
/** The way in which `rungs/core` changes between transports: its export `ladder`, and nothing else. */
interface Ladder {
    /** Never there, because the inside is no API. */
    readonly __ladder: true;
}
/** Options of `connect` from `rungs/core`: parts that you do not pass in are not in your bundle. */
interface CoreOptions extends CommonOptions {
    /** The ladder, best rung first. */
    readonly transports: readonly Transport[];
    /** Keeps the session over a page reload: `resume(name)`. Default: the session ends with the page. */
    readonly resume?: SessionStorage | undefined;
    /** Changes between several transports: `ladder`. Default: one transport, again and again. */
    readonly ladder?: Ladder | undefined;
    /** Remembers how transports fared on the way to the server: `remember()`. Default: not remembered. */
    readonly remember?: NetworkMemory | undefined;
}
/** One live, two-way message channel. */
interface Socket<In = Data, Out = Data> {
    /** Public id of the session; `null` before the server said it. */
    readonly id: string | null;
    /** The subprotocol that the server chose from the option `protocols`; `null` before that, or if it chose none. */
    readonly protocol: string | null;
    readonly state: State;
    /** The transport that carries now; `null` while none does. */
    readonly transport: TransportName | null;
    /** Smoothed round-trip time in milliseconds; `null` before the first was measured. */
    readonly rtt: number | null;
    /** The last 50 attempts, the latest last: which transport, when, and why it ended. Made for support tickets. */
    readonly attempts: readonly AttemptRecord[];
    /** Bytes of data given to `send` and not yet accepted by the server, on whatever transport. */
    readonly bufferedAmount: number;
    /**
     * Queues a message, to be sent at the end of this task. It arrives in order, exactly once in the life of the session.
     * @throws RungsError `closed`, `buffer-full`, `message-too-large` or `invalid-message`; nothing is queued then.
     */
    send(data: Out, options?: SendOptions): void;
    /** Messages wait, unacknowledged, for the first listener. */
    onMessage(listener: (data: In, info: MessageInfo) => void): Unsubscribe;
    onState(listener: (event: StateEvent<Out>) => void): Unsubscribe;
    onTransport(listener: (event: TransportEvent) => void): Unsubscribe;
    /** The server no longer knew the session, and a new one was begun. */
    onReset(listener: (event: ResetEvent<Out>) => void): Unsubscribe;
    /** A message was refused, by the server's `relay` hook or on its way, and comes back here. Others go on. */
    onRefused(listener: (message: RefusedMessage<Out>) => void): Unsubscribe;
    /**
     * Changes the transports of a live socket, best first: the best one opens beside the one that carries now, which is then
     * closed. Without `ladder` (`rungs/core`) there is one, which is closed first.
     * @throws RungsError `unsupported` if the browser or the bundle has none of them; `closed`.
     */
    setTransports(transports: readonly (TransportName | Transport)[]): void;
    /**
     * Resolves when everything sent so far is accepted (at once, if nothing waits).
     * Rejects with a RungsError `reset` or `closed` if the session ends first, or `message-too-large` if one of the messages came back
     * to `onRefused` because of its size. Needs `Promise`.
     */
    drained(): Promise<void>;
    /**
     * Ends the session, at both ends. The last state event lists what was not delivered.
     * @param code 0 to 65,535 (RFC 6455, 7.4); anything else counts as 1000.
     * @param reason Up to 256 characters; the rest is cut off.
     */
    close(code?: number, reason?: string): void;
}

/**
 * Opens a channel to the server at a URL or path.
 * @param url http(s) or ws(s) URL, or path, without query and fragment. Default `/rungs` on the page's origin.
 * @throws RungsError `invalid-url`, `invalid-option`, `unsupported` or `bridge-frame`.
 */
declare function connect<In = Data, Out = Data>(url?: string, options?: Options): Socket<In, Out>;
/** Which transports this browser has, whatever the network lets through. */
declare function detect(): {
    readonly [name in TransportName]: boolean;
};

export { RungsError, connect, detect };
export type { AttachPacket, AttemptRecord, Carrier, CarrierEvents, CoreOptions, Data, EndType, ErrorType, Fields, Json, Ladder, LastWords, Leftovers, Link, MessageInfo, Options, RefusedMessage, ResetEvent, SendOptions, Socket, State, StateEvent, Transport, TransportEvent, TransportName, Undelivered, Unsubscribe };
export as namespace rungs;
