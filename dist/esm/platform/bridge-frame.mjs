/** The hidden frame in which the forever iframe loads the bridge, and how a page finds that it is in one. */
/** Name of every such frame. A document that is shown in place of the bridge finds it as `window.name`. */
const BRIDGE_FRAME = 'rungs-bridge';
/**
 * Whether this page was loaded in place of the bridge: a fallback of a single-page application, or a service worker, answers
 * every `GET` with the application.
 */
const isInBridgeFrame = () => typeof window !== 'undefined' && window.name === BRIDGE_FRAME && window.parent !== window;

export { BRIDGE_FRAME, isInBridgeFrame };
//# sourceMappingURL=bridge-frame.mjs.map
