/**
 * Times are those of the clock, and spans, in milliseconds.
 * @param expected By when a sign of life of the carrier is expected.
 * @param behind Since when messages down are missing whose head the server has named; `Infinity`: none are.
 * @param unreceived Since when the server owes a receipt; `Infinity`: it does not.
 * @param work That what is on its way up before it takes.
 */
function suspicion(expected, behind, unreceived, work, rtt) {
    // Behind some proxies an answer overtakes the event of a stream by 200 ms.
    const stalled = behind + Math.max(1000, 4 * rtt);
    // Verdicts scale with the work: a large message on a slow line is no silence.
    const owed = unreceived + Math.max(2000, 4 * rtt) + work;
    const at = Math.min(expected, stalled, owed);
    return [at, at === expected ? 'silent' : at === owed ? 'not-received' : 'stalled'];
}

export { suspicion };
//# sourceMappingURL=heartbeat.mjs.map
