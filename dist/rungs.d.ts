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
/** A message of either log. A string body is JSON text; bytes stay bytes until a carrier needs base64. */
interface Message {
    readonly body: string | Uint8Array;
    /** Bytes before encoding: what every limit counts. */
    readonly size: number;
    readonly peer?: Peer;
    readonly kind?: number;
}

/** How transports fared on this network: one that fails, or lives for a short time again and again, has a cool-down. */

/** Failures in a row, and the time until which the transport goes last. */
type Scores = {
    [name in TransportName]?: readonly [strikes: number, until: number];
};

/** What is known of the way to a server. */
interface Known {
    readonly scores: Scores;
    /** Milliseconds of a round trip; 0: not known. */
    readonly rtt: number;
}
/** Where it is kept, for each server. */
interface Memory {
    load(server: string): Known | undefined;
    save(server: string, known: Known): void;
}

/** What survives a reload of the page, and what keeps it. */

/** What survives a reload of the page. */
interface Saved {
    readonly key: string;
    readonly epoch: string;
    /** Generation and holder of the page (PROTOCOL.md 6.5). */
    readonly page: readonly [generation: number, holder: string];
    readonly position: Position;
    readonly accepted: number;
    readonly log: readonly Message[];
}
/** Where a session is kept while its page reloads. */
interface Keeper {
    /**
     * What a session of this page begins with: what is kept, on a page of the next generation, or a page of generation 0;
     * the holder is 1 to 64 characters that no other page has. Removes what is kept as it reads it: a copy of the tab that
     * comes later finds nothing, and begins anew.
     */
    take(): Pick<Saved, 'page'> & Partial<Saved>;
    /** Whether it could be kept; `undefined`: there is nothing yet. */
    put(saved: Saved | undefined): boolean;
}

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

/** One use of a transport: its link, its carrier, its line in the trace, and when it becomes suspect. */

/** One use of a transport, as it is now. */
interface Attempt {
    readonly transport: TransportName;
    /** When it began, in milliseconds since 1970. */
    readonly began: number;
    /** Milliseconds from its beginning until it carried; absent: it did not yet, or never. */
    readonly opened?: number;
    /** Milliseconds from its beginning to its end; absent: it goes on. */
    readonly ended?: number;
    /** Why it ended; absent: it goes on. */
    readonly reason?: string;
}

/** What an application sees: options, events and the socket. */

/** A JSON value. A string arrives as the same string. */
type Json = string | number | boolean | null | readonly Json[] | {
    readonly [name: string]: Json | undefined;
};
/** What can be sent. Binary is copied, and arrives as a `Uint8Array`. */
type Data = Json | ArrayBuffer | ArrayBufferView;
/**
 * `connecting` until the first carrier is proven, then `open`; `reconnecting` while there is none;
 * `closed` for good.
 */
type State = 'connecting' | 'open' | 'reconnecting' | 'closed';
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
/** A message that was not delivered, as it was given to `send`. */
interface Undelivered<Out = Data> {
    readonly data: Out;
    /** The user ids that it was for, if any. */
    readonly to?: readonly string[];
}
/** What happened to the messages that the server has not accepted. */
interface Leftovers<Out = Data> {
    /** Never handed to any carrier: certainly not processed. */
    readonly unsent: readonly Undelivered<Out>[];
    /** Handed to a carrier, and not known to be accepted: perhaps processed. */
    readonly inDoubt: readonly Undelivered<Out>[];
}
interface ResetEvent<Out = Data> extends Leftovers<Out> {
    /** Why: `unknown`, `expired`, `overflow`, `handler-failed`, `taken`, `lost` … (PROTOCOL.md 8). */
    readonly reason: string;
}
interface StateEvent<Out = Data> extends Partial<Leftovers<Out>> {
    readonly state: State;
    /** Why, in the words of PROTOCOL.md 8 where the server said so. With `closed`, what ended it. */
    readonly reason: string;
    /** With `closed`: the code given to `close` at either end, else 1000 (RFC 6455, 7.4.1). */
    readonly code?: number;
}
/** Another transport carries, or none; or one has failed on the way, and `transport` is still what it was. */
interface TransportEvent {
    /** What carries now; `null` while nothing does. */
    readonly transport: TransportName | null;
    readonly previous: TransportName | null;
    /**
     * `opened` where nothing carried before, `preferred` where it took over from one that worked, else what the previous one
     * was suspect of, why it ended, or why the last attempt failed. docs/reasons.md lists them all.
     */
    readonly reason: string;
}
interface MessageInfo {
    /** Public id of the session that sent it, if a client did. */
    readonly from?: string;
}
interface SendOptions {
    /** User ids: only their sessions get the message, if the server's `relay` hook allows it. */
    readonly to?: readonly string[];
    /** May be dropped where nothing carries at this moment. Neither numbered nor sent again. Default `false`. */
    readonly volatile?: boolean;
}
/** What both entries of the package understand. */
interface CommonOptions {
    /**
     * A token for the server's `authenticate`, or what gets one (called before each carrier is opened). It travels
     * in bodies and frames, never in a URL. A function that throws or rejects counts as a failed attempt.
     */
    readonly auth?: string | (() => string | PromiseLike<string>);
    /** Bytes of messages that may wait for the server's acceptance before `send` throws. Default 4 MB. */
    readonly maxBuffered?: number;
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
/** How `rungs/core` changes between transports: what it exports as `ladder`, and nothing else. */
interface Ladder {
    /** Never there: its inside is no API. */
    readonly __ladder: true;
}
/** Options of `connect` from `rungs/core`: what you do not pass in is not in your bundle. */
interface CoreOptions extends CommonOptions {
    /** The ladder, best rung first. */
    readonly transports: readonly Transport[];
    /** Keeps the session over a page reload: `resume(name)`. Default: it ends with the page. */
    readonly resume?: Keeper | undefined;
    /** What changes between several transports: `ladder`. Default: the first that the browser has, again and again. */
    readonly ladder?: Ladder | undefined;
    /** Where the ladder remembers how transports fared on the way to the server: `remember()`. Default: nowhere. */
    readonly remember?: Memory | undefined;
}
/** Stops what it was returned from. */
type Off = () => void;
/** One live, two-way message channel. */
interface Socket<In = Data, Out = Data> {
    /** Public id of the session; `null` before the server said it. */
    readonly id: string | null;
    readonly state: State;
    /** What carries now; `null` while nothing does. */
    readonly transport: TransportName | null;
    /** Smoothed round-trip time in milliseconds; `null` before the first was measured. */
    readonly rtt: number | null;
    /** What was tried, when, and why it ended; the last 50, the latest last. Made to be put into a support ticket. */
    readonly attempts: readonly Attempt[];
    /** Bytes given to `send` and not yet accepted by the server, on whatever transport. */
    readonly bufferedAmount: number;
    /**
     * Queues a message. It is sent at the end of this task, in order, exactly once for the life of the session.
     * @throws RungsError `closed`, `buffer-full`, `message-too-large` or `invalid-message`; nothing is queued then.
     */
    send(data: Out, options?: SendOptions): void;
    /** Messages wait, unacknowledged, for the first listener. */
    onMessage(listener: (data: In, info: MessageInfo) => void): Off;
    onState(listener: (event: StateEvent<Out>) => void): Off;
    onTransport(listener: (event: TransportEvent) => void): Off;
    /** The server no longer knew the session, and a new one was begun. */
    onReset(listener: (event: ResetEvent<Out>) => void): Off;
    /** The server's `relay` hook refused an addressed message; here it is back. */
    onRefused(listener: (message: Undelivered<Out>) => void): Off;
    /**
     * Changes the ladder of a live socket: the best of these opens beside what carries now, which is then closed.
     * @throws RungsError `unsupported` where the browser has none of them.
     */
    use(transports: readonly TransportName[]): void;
    /**
     * Resolves when everything sent so far is accepted (at once, if nothing waits).
     * Rejects with a RungsError `reset` or `closed` if the session ends first. Needs `Promise`.
     */
    drained(): Promise<void>;
    /** Ends the session, at both ends. The last state event lists what was not delivered. */
    close(code?: number, reason?: string): void;
}

/** The only error this library throws or rejects with. Switch on `type`; the message says it, and what to do. */
declare class RungsError extends Error {
    readonly type: ErrorType;
    constructor(type: ErrorType, message: string);
}

/**
 * Opens a channel to the server at a URL or path.
 * @param url http(s) URL or path, without query or fragment. Default `/rungs` on the page's origin.
 * @throws RungsError `invalid-url`, `invalid-option` or `unsupported`.
 */
declare function connect<In = Data, Out = Data>(url?: string, options?: Options): Socket<In, Out>;
/** Which transports this browser has, whatever the network lets through. */
declare function detect(): {
    readonly [name in TransportName]: boolean;
};

export { RungsError, connect, detect };
export type { Attempt, Carrier, CarrierEvents, CoreOptions, Data, EndType, ErrorType, Json, Ladder, Leftovers, LinkRequest, MessageInfo, Off, Options, ResetEvent, SendOptions, Socket, State, StateEvent, Transport, TransportEvent, TransportName, Undelivered };
export as namespace rungs;
