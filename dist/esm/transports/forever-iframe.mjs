import { openStream } from './http-exchange.mjs';

/** Milliseconds that the bridge has for the goodbye before its frame is removed. */
const GOODBYE = 1000;
/**
 * A hidden frame with the server's own page, the bridge, makes the exchanges and holds the stream, whose chunks are
 * scripts. Neither `connect-src` of this page's policy nor missing CORS headers stand in its way.
 */
const foreverIframe = {
    name: 'forever-iframe',
    supported: () => typeof MessageChannel !== 'undefined',
    open(link, on) {
        const frame = document.createElement('iframe');
        let stream;
        /** Asks the bridge for an exchange or a stream. Returns the function that stops it. */
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
        frame.src = `${link.url}/bridge`;
        frame.style.display = 'none';
        // The bridge answers the origin that speaks to it first, so it cannot say by itself that it is ready.
        frame.onload = () => {
            stream = openStream(link, on, 'forever-iframe', (ticket, { handleEvent, fail }) => ask(['stream', ticket], (status, text) => {
                if (status)
                    handleEvent(text);
                else
                    fail('stream-ended');
            }), (_, { text, timeout }, { answered }) => ask(['post', text, timeout], answered));
        };
        // Firefox shows a page as loading while a frame streams that was inserted before `load`.
        if (document.readyState === 'complete')
            insert();
        else
            addEventListener('load', insert);
        return {
            flush: () => stream?.flush(),
            close(bye) {
                removeEventListener('load', insert);
                stream?.close(bye);
                // The bridge makes the last exchange in its own time; the frame would take it along.
                if (bye && stream)
                    link.clock.after(GOODBYE, remove);
                else
                    remove();
            },
        };
    },
};

export { foreverIframe };
//# sourceMappingURL=forever-iframe.mjs.map
