'use strict';

Object.defineProperty(exports, '__esModule', { value: true });

var exchange = require('./exchange.cjs');

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
        /** Asks the bridge for an exchange or a stream, whose answers are like those of a request. */
        const ask = (question, done) => {
            const { port1, port2 } = new MessageChannel();
            port1.onmessage = ({ data }) => done(...data);
            // Only a page of the origin of that URL gets it.
            frame.contentWindow?.postMessage(question, link.url, [port2]);
            return () => port1.postMessage('abort');
        };
        const insert = () => {
            document.body.appendChild(frame);
        };
        const remove = () => {
            frame.remove();
        };
        frame.src = link.url + '/bridge';
        frame.style.display = 'none';
        // The bridge knows no origin before it is told one, so it cannot say by itself that it is ready.
        frame.onload = () => {
            stream = exchange.openStream(link, on, 'forever-iframe', (ticket, { take, fail }) => ask(['stream', ticket], (status, text) => (status ? take(text) : fail('stream-ended'))), (_, body, patience, done) => ask(['post', body, patience], done));
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
                    link.after(1000, remove);
                else
                    remove();
            },
        };
    },
};

exports.foreverIframe = foreverIframe;
