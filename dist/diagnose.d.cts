/** Time and chance, as arguments: tests need no waiting. */
interface Clock {
    /** Milliseconds. */
    now(): number;
    /** Calls back after so many milliseconds, unless the function that it returns is called before. */
    after(ms: number, callback: () => void): () => void;
    /** 0 ≤ random < 1. */
    random(): number;
}

type TransportName = 'websocket' | 'sse' | 'long-poll' | 'short-poll' | 'forever-iframe';
/** A position in the down log: the number of a message, and the store's opaque tag for it. */
type Position = readonly [number: number, tag: string];
/** User ids (up: whom it is for) or one session id (down: who it is from); 0 is nobody. */
type Peer = string | readonly string[] | 0;
/** `[data]`, `[data, peer]` or `[data, peer, kind]`; the kind is a sum of {@link BINARY}, {@link REFUSED} and {@link FRAME}. */
type Entry = [data: unknown, peer?: Peer, kind?: number];
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
type EndType = 'malformed' | 'unsupported-version' | 'unauthorized' | 'forbidden' | 'origin-refused' | 'not-found' | 'method-not-allowed' | 'timeout' | 'superseded' | 'taken' | 'gap' | 'lost' | 'gone' | 'closed' | 'too-large' | 'unsupported-encoding' | 'too-many-user-sessions' | 'internal' | 'too-many-sessions' | 'draining';

/**
 * What a transport is: facts and one `open`. The ladder decides, a transport never does. A new transport is one
 * new file that implements {@link Transport}.
 */

/** Fields of a packet, as JSON text. */
type Fields = {
    readonly [name in keyof Up]?: string | number | undefined;
};
/** The session as one carrier sees it: a cursor of its own in the log up. */
interface LinkRequest {
    /** Absolute http(s) URL of the server's path. */
    readonly url: string;
    /** Whether cookies go to another origin. */
    readonly credentials: boolean;
    /**
     * A packet that says whose it is: the first frame of a WebSocket, or the body of an exchange. Messages go along if
     * there is an encoder for what is binary. Its number `t` is wanted until {@link release}; an answer to it may take so
     * many milliseconds.
     */
    attach(more?: Fields, base64?: false | ((bytes: Uint8Array) => string)): readonly [packet: string, t: number, patience: number];
    /** Gives up an answer or a stream by its number, which is 1 or more; or all that this link still wanted. */
    release(t?: number): void;
    /** The next WebSocket frame, while there is something to send. */
    frame(): string | Uint8Array<ArrayBuffer> | undefined;
    /** Whether there is something to send. */
    due(): boolean;
    /** Milliseconds of its clock. */
    now(): number;
    /** Calls back after so many milliseconds. Returns what stops it. */
    after(ms: number, callback: () => void): () => void;
}
interface CarrierEvents {
    /**
     * A packet, and how many bytes it was. `aside`: it answered what went up, beside the stream or wait that brings messages
     * down, and proves nothing about that.
     */
    packet(down: Down, bytes: number, aside?: boolean): void;
    /** Once, unless the carrier was closed by its owner: nothing will come any more. */
    closed(reason: string): void;
}
interface Carrier {
    /** There may be something to send. */
    flush(): void;
    /** Ends it, silently. A goodbye, the field `bye` as JSON text, goes out first. */
    close(bye?: string): void;
}
interface Transport {
    readonly name: TransportName;
    /** Whether its first answer is its proof: it needs one round trip, and serves while others are tried. */
    readonly instant?: boolean;
    /** Whether this browser has what it takes. */
    supported(): boolean;
    /** May throw, where the browser refuses to make the connection at all. */
    open(link: LinkRequest, on: CarrierEvents): Carrier;
}

/** What a diagnosis is asked, and what it answers. */

/** Options of `diagnose`. */
interface DiagnoseOptions {
    /** What is tried, in this order, best first. Default: all five. */
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
    /** What came out; absent while it is tried. */
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
/** It opens, but not within the deadline. */
 | 'slow'
/** There is no connection to the server: offline, blocked, or no permission (CORS) to read the answer. */
 | 'unreachable'
/** Something on the way refuses it, or answers in place of the server. */
 | 'rejected'
/** It opens, and nothing comes through. */
 | 'swallowed'
/** Each message is held until the next one comes. */
 | 'lagging'
/** All messages are held until the stream ends. */
 | 'buffered'
/** The server itself refuses; `reason` is the type of PROTOCOL.md 8. */
 | 'refused'
/** It opened, and failed when it was opened again. */
 | 'unsteady'
/** It opened, and was closed when it was left alone. */
 | 'cut'
/** It opened, was left alone, and nothing came any more, without a sign that it was closed. */
 | 'silent'
/** The diagnosis was aborted before this was tried to the end. */
 | 'aborted';
/** What was found out about one transport. */
interface Finding {
    readonly transport: TransportName;
    /** Whether the browser has it. */
    readonly supported: boolean;
    /** Whether hello was complete in time, at least once. */
    readonly opened: boolean;
    /** `null`: it works. */
    readonly problem: Problem | null;
    /** The same in technical words: `deadline`, `closed-1006`, `http-403`, `stream-ended` …; `null` if it works. */
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
    /** Public id of the session that it was tried in, to be looked for in the server's log; `null` without hello. */
    readonly session: string | null;
}
/** A finding, and what it means. */
interface TransportReport extends Finding {
    /** One plain sentence: `WebSocket: works, 48 ms.` */
    readonly verdict: string;
}
/** What came out of a diagnosis. Plain data, which may go through JSON, and without secrets. */
interface Report {
    /** Where the server is, without user name and password. */
    readonly url: string;
    /** When it was made, in UTC (ISO 8601). */
    readonly time: string;
    /** What the browser calls itself. */
    readonly browser: string;
    /** `false`: it was aborted. */
    readonly complete: boolean;
    /** The best transport that works; `null` if none does. */
    readonly use: TransportName | null;
    /** `Use: websocket. 2 of 5 transports do not work here: sse, forever-iframe.` */
    readonly summary: string;
    /** In the order in which they were tried. */
    readonly transports: readonly TransportReport[];
    /** All of it as text, for a support ticket. */
    readonly text: string;
}

/** What an application sees: options, events and the socket. */

/** `type` of a {@link RungsError}. */
type ErrorType = 
/** `connect`: the URL is not http(s), or has a query or fragment. */
'invalid-url'
/** `connect`: an option has a value that it cannot have. */
 | 'invalid-option'
/** `connect`, `use`: the browser supports none of these transports, or lacks `crypto.getRandomValues`. */
 | 'unsupported'
/** `send`: neither JSON nor binary. */
 | 'invalid-message'
/** `send`: larger than the server's `maxMessage`. */
 | 'message-too-large'
/** `send`: more than `maxBuffered` bytes would wait for the server. Nothing was queued. */
 | 'buffer-full'
/** `send`, `use`, `drained`: the socket is closed. */
 | 'closed'
/** `drained`: the server no longer knows the session; see `onReset`. */
 | 'reset';

/** The only error this library throws or rejects with. Switch on `type`; the message says it, and what to do. */
declare class RungsError extends Error {
    readonly type: ErrorType;
    constructor(type: ErrorType, message: string);
}

/** Finds out what a network does to each transport: for support pages, never a part of the main bundle. */

/**
 * Tries every transport on its own, one after the other, each in a session of its own, and tells what the network does
 * to it. A bad network is a result, never an error.
 * @param url http(s) URL or path, without query or fragment. Default `/rungs` on the page's origin.
 * @param clock Time and chance, for tests.
 * @returns Rejects with a RungsError `invalid-url`, `invalid-option` or `unsupported` (outside of a web page), and for
 * no other reason.
 */
declare function diagnose(url?: string, options?: DiagnoseOptions, clock?: Clock): Promise<Report>;

export { RungsError, diagnose };
export type { Carrier, CarrierEvents, DiagnoseOptions, EndType, ErrorType, Finding, Flow, LinkRequest, Problem, Progress, Report, Transport, TransportName, TransportReport };
