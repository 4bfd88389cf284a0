/** Keeps what is known of a network in `localStorage`, so that the next page does not find it out again. */
import { toJSON } from './engine.mjs';

/** Milliseconds after which it is forgotten: who comes back later is likely to be elsewhere. */
const AGE = 86400000;
/** Remembers, in `localStorage`, which transports failed on the way to a server. */
function remember(now = Date.now) {
    return {
        load(server) {
            let rtt = 0;
            try {
                const known = (JSON.parse(localStorage.getItem('rungs@' + server)) || {});
                if (known.scores && now() - known.saved < AGE)
                    return known;
                // What the browser measured when it loaded the page, which may be from another server.
                const [page] = performance.getEntriesByType('navigation');
                rtt = page.responseStart - page.requestStart || 0;
            }
            catch {
                // Storage is forbidden here (SecurityError), has no entry of ours, or the engine is old: nothing is known.
            }
            return { scores: {}, rtt };
        },
        save(server, known) {
            try {
                localStorage.setItem('rungs@' + server, toJSON({ ...known, saved: now() }));
            }
            catch {
                // Forbidden (SecurityError) or full (QuotaExceededError): the next page finds it out again.
            }
        },
    };
}

export { remember };
//# sourceMappingURL=memory.mjs.map
