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

/** Options and results of a diagnosis. */

/** Options of `diagnose`. */
interface DiagnoseOptions {
    /** Transports to try, best first. Default: all five. */
    readonly transports?: readonly (TransportName | Transport)[];
    /**
     * A token for the server's `authenticate`, or what gets one (called once for each transport). It never appears in a
     * report.
     */
    readonly auth?: string | (() => string | PromiseLike<string>);
    /** Sends cookies to another origin (`XMLHttpRequest.withCredentials`). Default `false`. */
    readonly credentials?: boolean;
    /** Milliseconds, above 0, that a transport has to open, each time that it is opened. Default 5,000. */
    readonly deadline?: number;
    /**
     * Milliseconds for which each transport that opens is left alone, to find what cuts or drops quiet connections. It
     * ends with the next sign of life from the server, so 1 means "one heartbeat" (20 s, unless the server says
     * otherwise). Default 0: no such test.
     */
    readonly silence?: number;
    /** Ends the diagnosis when aborted. The report then covers what was found out so far. */
    readonly signal?: AbortSignal;
    /** Called when a transport's turn begins, and again with what came out. */
    readonly onProgress?: (progress: Progress) => void;
}
/** How far a diagnosis is. */
interface Progress {
    readonly transport: TransportName;
    /** Its turn: 1, 2, 3 … */
    readonly turn: number;
    /** How many transports are tried. */
    readonly of: number;
    /** The result; absent while the transport is tried. */
    readonly result?: TransportReport;
}
/** How messages come down a stream; a WebSocket counts as one. */
type Flow = 
/** Each at once. */
'flowing'
/** Each is held until the next one comes. */
 | 'lagging'
/** All are held until the stream ends. */
 | 'buffered';
/** Why a transport does not work. */
type Problem = 
/** The browser does not have it. */
'unsupported'
/** The browser does not allow it here: a security policy, or `http:` in an `https:` page. */
 | 'forbidden'
/** `auth` threw or rejected. */
 | 'no-token'
/** Nothing answers within the deadline. */
 | 'unanswered'
/** Opens, but not within the deadline. */
 | 'slow'
/** There is no connection to the server: offline, blocked, or no permission (CORS) to read the answer. */
 | 'unreachable'
/** Something on the way refuses it, or answers in place of the server. */
 | 'rejected'
/** Opens, and nothing comes through. */
 | 'swallowed'
/** Each message is held until the next one comes. */
 | 'lagging'
/** All messages are held until the stream ends. */
 | 'buffered'
/** The server itself refuses; `reason` is the type of PROTOCOL.md 8. */
 | 'refused'
/** Several servers answer that do not know each other: the session of one is unknown to the next. */
 | 'several-servers'
/** Opened, and failed when it was opened again. */
 | 'unsteady'
/** Opened, and was closed when it was left alone. */
 | 'cut'
/** Opened, and nothing came any more when it was left alone, without a sign that it was closed. */
 | 'silent'
/** The diagnosis was aborted before this was tried to the end. */
 | 'aborted';
/** Findings about one transport. */
interface Finding {
    readonly transport: TransportName;
    /** Whether the browser has it. */
    readonly supported: boolean;
    /** Whether hello was complete in time, at least once. */
    readonly opened: boolean;
    /** `null`: it works. */
    readonly problem: Problem | null;
    /**
     * The same in technical words: `deadline`, `closed-1006`, `http-403`, `stream-ended`, `upgrade-removed`, `bridge-http-503`,
     * `connect-src` …; `null` if it works. docs/reasons.md lists them all.
     */
    readonly reason: string | null;
    /** Milliseconds from nothing to a complete hello, the first time; `null` if it did not open. */
    readonly hello: number | null;
    /** Milliseconds of a round trip, the median of what was measured; `null` without an answer. */
    readonly rtt: number | null;
    /** `null` where nothing shows it: polls have no stream. */
    readonly flow: Flow | null;
    /** Milliseconds of the longest pause that it survived; `null` if it was not left alone. */
    readonly quiet: number | null;
    /** Milliseconds that it went on while it was left alone; `null` if it was not. */
    readonly lasted: number | null;
    /** Milliseconds after which a waiting poll was cut, and asked again; `null`: none was. */
    readonly waitCut: number | null;
    /** Bytes of the largest body of a request that passes, if the client sends larger ones; `null`: no limit was met, or looked for. */
    readonly bodyLimit: number | null;
    /** Public id of the session that it was tried in, to be looked for in the server's log; `null` without hello. */
    readonly session: string | null;
}
/** A finding, and its meaning in words. */
interface TransportReport extends Finding {
    /** One plain sentence: `WebSocket: works, 48 ms.` */
    readonly verdict: string;
}
/** The result of a diagnosis: plain data for JSON, without secrets. */
interface Report {
    /** Where the server is, without user name and password. */
    readonly url: string;
    /** When it was made, in UTC (ISO 8601). */
    readonly time: string;
    /** The browser's `navigator.userAgent`. */
    readonly browser: string;
    /** `false`: it was aborted. */
    readonly complete: boolean;
    /** The best transport that works; `null` if none does. */
    readonly use: TransportName | null;
    /** More that was found out, in sentences: limits of bodies, and policies of the browser and the page where something fails. */
    readonly notes: readonly string[];
    /** `Use: websocket. 2 of 5 transports do not work here: sse, forever-iframe.` */
    readonly summary: string;
    /** In the order in which they were tried. */
    readonly transports: readonly TransportReport[];
    /** All of it as text, for a support ticket. */
    readonly text: string;
}

/** Finds out what a network does to each transport: for support pages, never a part of the main bundle. */

/**
 * Tries every transport on its own, one after the other, each in a session of its own, and tells what the network does
 * to it. A bad network is a result, never an error.
 * @param url http(s) or ws(s) URL, or path, without query and fragment. Default `/rungs` on the page's origin.
 * @param clock Time and chance, for tests.
 * @returns Rejects with a RungsError `invalid-url`, `invalid-option` or `unsupported` (outside of a web page), and for
 * no other reason.
 */
declare function diagnose(url?: string, options?: DiagnoseOptions, clock?: Clock): Promise<Report>;

export { RungsError, diagnose };
export type { Carrier, CarrierEvents, DiagnoseOptions, EndType, ErrorType, Finding, Flow, Link, Problem, Progress, Report, Transport, TransportName, TransportReport };
