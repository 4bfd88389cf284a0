'use strict';

Object.defineProperty(exports, '__esModule', { value: true });

var protocol = require('../protocol.cjs');

/** `readyState` of a WebSocket (WHATWG WebSockets, 3.1). */
const OPEN = 1;
/** Frames both ways: text frames carry packets, binary frames carry one binary message each. */
const websocket = {
    name: 'websocket',
    supported: () => typeof WebSocket !== 'undefined',
    open(link, on) {
        const socket = new WebSocket(link.url.replace(/^http/, 'ws'));
        const flush = () => {
            for (let frame; socket.readyState === OPEN && (frame = link.frame());)
                socket.send(frame);
        };
        const fail = (reason) => {
            close();
            on.closed(reason);
        };
        const close = (bye) => {
            socket.onopen = socket.onmessage = socket.onclose = null;
            if (bye && socket.readyState === OPEN) {
                flush();
                socket.send('{"bye":' + bye + '}');
            }
            // While it connects, too: Chromium and Firefox queue the next one to the host behind it.
            socket.close();
        };
        socket.binaryType = 'arraybuffer';
        socket.onopen = () => {
            socket.send(link.attach()[0]);
            flush();
        };
        let down;
        /** The entry of that packet whose bytes come next. */
        let entry;
        socket.onmessage = ({ data }) => {
            if (entry) {
                entry[0] = new Uint8Array(data);
                entry = undefined;
            }
            else {
                down = protocol.readPacket(data);
                entry = down ? protocol.awaitsFrame(down) : fail('malformed');
            }
            if (down && !entry)
                on.packet(down, data.length || data.byteLength);
        };
        socket.onclose = ({ code, reason }) => fail(reason || 'closed-' + code);
        return { flush, close };
    },
};

exports.websocket = websocket;
