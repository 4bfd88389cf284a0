/**
 * The client's half of a session: two numbered logs, and the fence of its carriers. A carrier gets a link, which is a
 * cursor in the log up and nothing else, so any number of carriers may work on one session at the same time.
 */
'use strict';

Object.defineProperty(exports, '__esModule', { value: true });

var engine = require('./engine.cjs');
var heartbeat = require('./heartbeat.cjs');
var protocol = require('./protocol.cjs');
var transport = require('./transport.cjs');

/** Milliseconds within which what was taken is acknowledged of its own accord. */
const ACK_AFTER = 5000;
/** Bytes that a message counts beside its own, else empty ones would pile up unacknowledged. */
const ACK_EACH = 256;
/** Milliseconds that the server has for an answer beyond its heartbeat, bytes not counted. */
const PATIENCE = 10000;
/** What holds before the server has said hello. */
const UNKNOWN = {
    id: null,
    heartbeat: 25000,
    maxMessage: protocol.MAX_MESSAGE,
    window: protocol.MAX_MESSAGE,
};
function createSession(clock, on, { key = engine.randomKey(), epoch, page, position = [0, ''], accepted = 0, log = [], } = {}) {
    let hello = UNKNOWN;
    // Up: `kept[0]` is number `accepted + 1`; up to `handed`, some carrier has had them.
    const kept = [];
    let handed = accepted + log.length;
    let received = accepted;
    let unreceived = Infinity;
    let buffered = 0;
    const volatile = [];
    // Down: `waiting[0]` is number `delivered + 1`; `position` is what may be acknowledged.
    const waiting = [];
    let [delivered, tag] = position;
    let head = 0;
    let behind = Infinity;
    /** Milliseconds that they may take beyond what is usual: nobody knows how large they are, nor how slow the line is. */
    let slack = 0;
    /** Bytes taken and not yet acknowledged; `Infinity` where that is due whatever they are. */
    let unacked = 0;
    let probe = '';
    let ticking;
    let lastSent = clock.now();
    // The fence: the numbers of attaches and exchanges that are still wanted.
    let t = 0;
    const wanted = {};
    // One packet at a time is timed: sent at `timedAt`, answered when `timed` is received.
    let timed = 0;
    let timedAt = 0;
    let rtt = null;
    const push = (message) => {
        kept.push(message);
        buffered += message.size;
    };
    log.forEach(push);
    const acknowledge = () => {
        unacked = Infinity;
        on.flush();
    };
    /** One timer for all that is taken meanwhile, for a timer costs more than a message. */
    const tick = () => {
        ticking = undefined;
        if (unacked)
            acknowledge();
    };
    const ack = () => {
        unacked = 0;
        lastSent = clock.now();
        return engine.toJSON(position);
    };
    const work = () => Math.min(buffered, Math.max(protocol.MAX_BATCH, kept[0]?.size || 0)) / transport.SLOWEST;
    const deliver = () => {
        while (waiting.length && on.heard()) {
            const entry = waiting.shift();
            ticking || (ticking = clock.after(ACK_AFTER, tick));
            delivered++;
            unacked++;
            // A tag belongs to the last message: where there are tags, only all of them are acknowledged.
            if (!tag || !waiting.length)
                position = [delivered, tag];
            on.arrived(entry);
        }
    };
    return {
        get terms() {
            return hello;
        },
        get roundTrip() {
            return rtt;
        },
        get bufferedBytes() {
            return buffered;
        },
        work,
        get acceptedUpTo() {
            return accepted;
        },
        unaccepted: kept,
        get unsentCount() {
            return accepted + kept.length - handed;
        },
        push,
        volatile,
        probe() {
            probe = '1';
            on.flush();
        },
        doubt: (expected, since) => heartbeat.suspicion(expected, Math.max(behind, since) + slack, Math.max(unreceived, since), work(), rtt || 0),
        receive(down, bytes) {
            const { ack: theirs, batch } = down;
            hello = down.hello || hello;
            if (theirs) {
                const [named, got, done, last] = theirs;
                if (epoch && named !== epoch)
                    return on.forgotten('unknown');
                epoch = named;
                head = Math.max(head, last);
                if (got > received) {
                    received = got;
                    unreceived = got < handed ? clock.now() : Infinity;
                }
                if (timed && got >= timed) {
                    const sample = clock.now() - timedAt;
                    rtt = rtt ? rtt + (sample - rtt) / 8 : sample;
                    timed = 0;
                }
                if (done > accepted) {
                    for (const { size } of kept.splice(0, done - accepted))
                        buffered -= size;
                    accepted = done;
                }
            }
            if (batch) {
                // What comes in shows that the rest is on its way.
                behind = Infinity;
                const known = delivered + waiting.length + 1 - batch[0];
                if (known < 0)
                    return on.forgotten('lost');
                const fresh = batch[1].slice(known);
                if (fresh.length) {
                    waiting.push(...fresh);
                    tag = down.tag || '';
                    unacked += bytes + fresh.length * ACK_EACH;
                    deliver();
                }
            }
            if (head > delivered + waiting.length)
                behind = Math.min(behind, clock.now());
            else {
                behind = Infinity;
                slack = 0;
            }
            if (on.heard())
                down.volatile?.forEach(on.arrived);
            // A quarter of the window is full, or this is a heartbeat and we were silent for long: any packet answers it.
            if (unacked > hello.window / 4 || clock.now() - lastSent > hello.heartbeat / 2)
                acknowledge();
        },
        deliver,
        link(url, credentials, token) {
            // A new cursor begins at what is accepted: whatever else was handed out may have been lost on its way.
            let cursor = accepted;
            const self = {};
            // Bytes of the binary message that the last packet announced.
            let bytes;
            timed = 0;
            // Another carrier begins with them anew, so it gets more time.
            if (behind < Infinity)
                slack += slack || 1000;
            const due = () => {
                cursor = Math.max(cursor, accepted);
                return !!(unacked > hello.window / 4 ||
                    probe ||
                    volatile[0] ||
                    cursor < accepted + kept.length);
            };
            /** Messages from an index on as entries: so many bytes, or one. Binary ends them, if it goes as a frame. */
            const encode = (list, index, base64) => {
                const entries = [];
                let room = protocol.MAX_BATCH;
                for (let message; !bytes && (message = list[index++]);) {
                    const entry = protocol.encodeEntry(message, base64);
                    room -= entry.length;
                    if (room < 0 && entries.length)
                        break;
                    entries.push(entry);
                    if (!base64 && typeof message.body !== 'string')
                        bytes = message.body;
                }
                return entries;
            };
            const fields = (base64) => {
                const first = cursor + 1;
                const entries = encode(kept, cursor - accepted, base64);
                if (entries.length) {
                    cursor += entries.length;
                    handed = Math.max(handed, cursor);
                    // What goes up again may have been received before, and is owed no receipt then.
                    if (cursor > received)
                        unreceived = Math.min(unreceived, clock.now());
                    if (!timed) {
                        timed = cursor;
                        timedAt = clock.now();
                    }
                }
                const passing = encode(volatile, 0, base64);
                volatile.splice(0, passing.length);
                const asked = probe;
                probe = '';
                return {
                    probe: asked,
                    batch: entries[0] && '[' + first + ',[' + entries + ']]',
                    volatile: passing[0] && '[' + passing + ']',
                };
            };
            return {
                ...clock,
                url,
                credentials,
                attach(more, base64) {
                    wanted[++t] = self;
                    // A goodbye takes all along once more, for what is in flight is cut off with the page.
                    if (more?.bye)
                        cursor = 0;
                    due();
                    // Integer keys come in ascending order (ECMA-262, 10.1.11).
                    const want = +Object.keys(wanted)[0];
                    const body = protocol.packet({
                        attach: engine.toJSON({ version: protocol.VERSION, key, epoch, t, want, page, token }),
                        ack: ack(),
                        accepted,
                        ...(base64 && fields(base64)),
                        ...more,
                    });
                    return [body, t, PATIENCE + hello.heartbeat + body.length / transport.SLOWEST];
                },
                frame() {
                    const frame = bytes;
                    bytes = undefined;
                    return frame || (due() ? protocol.packet({ ack: ack(), ...fields() }) : undefined);
                },
                due,
                release(number) {
                    if (number)
                        delete wanted[number];
                    else
                        for (const each in wanted)
                            if (wanted[each] === self)
                                delete wanted[each];
                },
            };
        },
        save() {
            // Whatever is kept may be sent by the goodbye, or by the page that resumes.
            handed = accepted + kept.length;
            return epoch ? { key, epoch, page: page, position, accepted, log: kept } : undefined;
        },
    };
}

exports.createSession = createSession;
