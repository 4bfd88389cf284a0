import { BRIDGE_FRAME } from '../platform/bridge-frame.mjs';
import { openStream } from './http-exchange.mjs';

/** Milliseconds that the bridge has for the goodbye before its frame is removed. */
const GOODBYE = 1000;
/** Milliseconds that a document which has loaded has to say that it is the bridge. No network lies between. */
const CHALLENGE = 1000;
/** Milliseconds for which a URL that answered with an application is not framed again: each frame would start it anew. */
const APPLICATION_PAUSE = 600000;
/** Bytes of a packet: a browser says neither that a part of a script has come, nor that a document was cut off. */
const MAX_PACKET = 8192;
/** Until when each URL is not framed. */
const pauses = {};
const openBridgeStream = (link, on, ask) => openStream(link, on, 'forever-iframe', (ticket, { handleEvent, fail }) => ask(['stream', ticket], (status, text) => {
    if (status)
        handleEvent(text);
    else
        fail('stream-ended');
}), (_, { text, timeout }, { answered }) => ask(['post', text, timeout], answered));
/** Whether a document of this origin with scripts has loaded. The documents of boxes and of browsers have none. */
function isApplication({ contentDocument }) {
    return !!contentDocument && contentDocument.scripts.length > 0;
}
/**
 * A hidden frame with the server's own page, the bridge, makes the exchanges and holds the stream, whose chunks are
 * scripts. Neither `connect-src` of this page's policy nor missing CORS headers stand in its way.
 */
const foreverIframe = {
    name: 'forever-iframe',
    maxPacketDown: MAX_PACKET,
    supported: () => typeof MessageChannel !== 'undefined',
    open(link, on) {
        const { clock } = link;
        const url = `${link.url}/bridge`;
        const frame = document.createElement('iframe');
        let stream;
        let stopWaiting = () => { };
        const ask = (question, onAnswer) => {
            const { port1, port2 } = new MessageChannel();
            port1.onmessage = ({ data: [status, text] }) => onAnswer(status, text);
            // Only a page of that origin gets the question.
            frame.contentWindow?.postMessage(question, link.url, [port2]);
            return () => port1.postMessage('abort');
        };
        const insert = () => {
            document.body.appendChild(frame);
        };
        const remove = () => {
            frame.remove();
        };
        const refuse = () => {
            remove();
            on.closed('not-the-bridge');
        };
        frame.name = BRIDGE_FRAME;
        frame.src = url;
        frame.style.display = 'none';
        // The bridge answers the origin that speaks to it first, so it cannot say by itself that it is ready. `load` proves
        // nothing: it fires for whatever was answered, also for the page that a browser shows after an error.
        frame.onload = () => {
            frame.onload = null;
            stopWaiting = clock.after(CHALLENGE, () => {
                if (isApplication(frame))
                    pauses[url] = clock.now() + APPLICATION_PAUSE;
                refuse();
            });
            ask(['hello'], () => {
                stopWaiting();
                stream = openBridgeStream(link, on, ask);
            });
        };
        if (pauses[url] > clock.now())
            stopWaiting = clock.after(0, refuse);
        // Firefox shows a page as loading while a frame streams that was inserted before `load`.
        else if (document.readyState === 'complete')
            insert();
        else
            addEventListener('load', insert);
        return {
            flush: () => stream?.flush(),
            close(bye) {
                removeEventListener('load', insert);
                stopWaiting();
                stream?.close(bye);
                // The bridge makes the last exchange in its own time; the frame would take it along.
                if (bye && stream)
                    clock.after(GOODBYE, remove);
                else
                    remove();
            },
        };
    },
};

export { foreverIframe };
//# sourceMappingURL=forever-iframe.mjs.map
