/** One use of a transport: its link, its carrier, its line in the trace, and when it becomes suspect. */
import { reasonOf } from '../protocol/ends.mjs';

/** Milliseconds in which an attempt must prove itself, beside the time that its bytes and round trips take. */
const PROOF_TIME = 5000;
/** Round trips that the proof may take. */
const PROOF_ROUND_TRIPS = 8;
/** Milliseconds in which the second part of hello must follow the first, at least; and round trips. */
const SECOND_PART = 1000;
const SECOND_PART_ROUND_TRIPS = 4;
/** Milliseconds by which a heartbeat may be late, at least; and round trips. */
const HEARTBEAT_TOLERANCE = 1500;
const HEARTBEAT_ROUND_TRIPS = 2;
/** Milliseconds, beside the round trip, for the answer to a ping, also if it came while the machine slept. */
const PING_ANSWER = 200;
/** Attempts that the trace keeps. */
const MAX_RECORDS = 50;
/** Milliseconds of uptime after which an attempt was a success, so that delays begin anew. */
const SHORT_UPTIME = 5000;
/** Milliseconds between two looks at the clock, which may have jumped. */
const CLOCK_CHECK = 5000;
/** Creates attempts, and keeps their trace. `rememberedRtt`: round-trip time that holds until one is measured. */
function createAttempts(clock, strategy, on, rememberedRtt = 0, needs = () => ({})) {
    const records = [];
    const estimatedRtt = () => strategy.session().rtt || rememberedRtt;
    const create = (transport, lastDelay) => {
        const record = {
            transport: transport.name,
            began: clock.wallTime(),
        };
        const began = clock.now();
        let link;
        let carrier;
        let provenAt;
        let isPingPending = false;
        /** Whether there is a ticket for the stream, of which nothing has come. */
        let awaitsStream = false;
        let progressedAt = -Infinity;
        let hasHello = false;
        let heardAt = began;
        /** Whether requests go up beside the connection on which packets come down. */
        let isStream = false;
        /** The server's reason, once it has ended the carrier. */
        let endReason;
        /** When the proof is due; after the proof, when a sign of life is. */
        let due = Infinity;
        const isOpen = () => record.ended === undefined;
        const lasted = () => clock.now() - began;
        const inTime = (least, roundTrips) => clock.now() + Math.max(least, roundTrips * estimatedRtt());
        const fail = (reason) => {
            if (isOpen())
                on.onFailed(attempt, reason);
        };
        const prove = () => {
            provenAt = clock.now();
            record.opened = lasted();
        };
        /** When the next sign of life is due, now that there was one. */
        const nextDue = () => provenAt === undefined
            ? // The first part of hello. A box on the way holds streams back if the second part does not follow.
                Math.min(due, inTime(SECOND_PART, SECOND_PART_ROUND_TRIPS))
            : inTime(HEARTBEAT_TOLERANCE, HEARTBEAT_ROUND_TRIPS) +
                strategy.session().serverLimits.heartbeat;
        const handlePacket = (down, bytes, outOfBand) => {
            if (outOfBand)
                isStream = true;
            else
                heardAt = clock.now();
            // Before hello, nobody has said whose messages are acknowledged: what is accepted by mistake would be lost (PROTOCOL.md 4.7).
            hasHello || (hasHello = !!down.hello);
            if (!hasHello && !down.end)
                return fail('malformed');
            // One of several servers does not know the session, which lives on at another one.
            if (strategy.session().isForeign(down) && on.isBeside(attempt))
                return fail('unknown');
            // The end of a session closes all attempts with one reason. The one that brought the news keeps the server's.
            if (down.end)
                endReason = reasonOf(down.end);
            const isValid = strategy.onPacket(down, bytes);
            if (endReason)
                return fail(endReason);
            if (!isValid)
                return fail('malformed');
            const isProof = !!down.ready && provenAt === undefined && isOpen();
            if (isProof)
                prove();
            if (down.ticket)
                awaitsStream = true;
            if (!outOfBand) {
                isPingPending = awaitsStream = false;
                due = nextDue();
            }
            if (isProof)
                on.onProven(attempt);
            on.onActivity(attempt);
        };
        const handleProgress = () => {
            heardAt = progressedAt = clock.now();
            // An answer on a slow line: whatever still comes in is no silence.
            due = provenAt === undefined ? Math.max(due, inTime(PROOF_TIME, 0)) : nextDue();
            on.onActivity(attempt);
        };
        const openCarrier = (given) => {
            if (!isOpen())
                return;
            link = given;
            due =
                inTime(0, PROOF_ROUND_TRIPS) + (PROOF_TIME + lastDelay + strategy.session().uploadTime());
            try {
                carrier = transport.open(link, {
                    packet: handlePacket,
                    progress: handleProgress,
                    closed: fail,
                });
            }
            catch (error) {
                // A browser may refuse to make the object at all: a security policy (SecurityError), mixed content.
                fail(String(error));
            }
            on.onActivity(attempt);
        };
        const attempt = {
            transport,
            open() {
                if (records.push(record) > MAX_RECORDS)
                    records.shift();
                strategy.openLink(openCarrier, fail, { ...needs(), maxPacketDown: transport.maxPacketDown });
            },
            awaitsToken: () => isOpen() && !link,
            awaitsStream: () => awaitsStream,
            uptime: () => (provenAt === undefined ? 0 : clock.now() - provenAt),
            silence: () => clock.now() - (isStream ? heardAt : Math.max(heardAt, strategy.session().lastSentAt)),
            sinceProgress: () => clock.now() - progressedAt,
            deadline: () => provenAt === undefined
                ? { due, reason: 'deadline' }
                : strategy.session().healthDeadline(due, provenAt, transport.maxPacketDown),
            ping() {
                if (isPingPending)
                    return;
                isPingPending = true;
                const answerDue = clock.now() + PING_ANSWER + estimatedRtt();
                // A proof keeps the time that it has; a silent machine may have slept through it.
                due = provenAt === undefined ? Math.max(due, answerDue) : answerDue;
                strategy.session().ping();
            },
            flush: () => carrier?.flush(),
            close(reason, bye) {
                record.ended = lasted();
                record.reason = endReason || reason;
                link?.releaseAll();
                return carrier?.close(bye) === true;
            },
        };
        return attempt;
    };
    return { records, estimatedRtt, create };
}

export { CLOCK_CHECK, SHORT_UPTIME, createAttempts };
//# sourceMappingURL=attempt.mjs.map
