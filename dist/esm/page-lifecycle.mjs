/**
 * Follows the life of the page, and the signal of the application. Never listens to `unload` or `beforeunload`, which
 * keep a page out of the back/forward cache.
 * @param hide The page goes away: into the back/forward cache, or for good.
 * @param show The page came back from the cache.
 * @param wake The page is looked at again, or the network has changed. Of a page that was frozen the alarm tells, which is late.
 * @param abort The application has aborted its signal.
 */
function watchPage(hide, show, wake, abort, signal) {
    const look = () => {
        if (!document.hidden)
            wake();
    };
    const change = () => wake(true);
    const { connection } = navigator;
    const listeners = {
        pagehide: ({ persisted }) => hide(persisted),
        pageshow: ({ persisted }) => persisted && show(),
        online: change,
        visibilitychange: look,
    };
    const each = (method) => {
        signal?.[method]('abort', abort);
        connection?.[method]?.('change', change);
        // The window sees the document's events, too, as they are on their way down (DOM standard, 2.9).
        for (const name in listeners)
            window[method](name, listeners[name], true);
    };
    each('addEventListener');
    return () => each('removeEventListener');
}

export { watchPage };
//# sourceMappingURL=page-lifecycle.mjs.map
