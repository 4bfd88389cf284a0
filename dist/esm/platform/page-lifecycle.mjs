/** Whether somebody may look at the page. */
const isPageVisible = () => !document.hidden;
/**
 * Follows the life of the page (HTML standard, 7.4.6; Page Lifecycle, 2). Never listens to `unload` or `beforeunload`,
 * which keep a page out of the back/forward cache.
 */
function watchPage(on) {
    const wake = () => {
        if (isPageVisible())
            on.onWake();
    };
    const networkChange = () => on.onNetworkChange();
    const listeners = {
        pagehide: ({ persisted }) => on.onHide(persisted),
        pageshow: ({ persisted }) => persisted && on.onShow(),
        online: networkChange,
        visibilitychange: wake,
        resume: wake,
    };
    const { connection } = navigator;
    const forEachTarget = (method) => {
        connection?.[method]?.('change', networkChange);
        // Capturing listeners of the window also see the events of the document (DOM standard, 2.9).
        Object.keys(listeners).forEach((name) => {
            window[method](name, listeners[name], true);
        });
    };
    forEachTarget('addEventListener');
    return () => forEachTarget('removeEventListener');
}

export { isPageVisible, watchPage };
//# sourceMappingURL=page-lifecycle.mjs.map
