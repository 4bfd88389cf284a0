import { awaitsFrame, BINARY, FRAME } from '../protocol/packets.mjs';
import { readPacket } from './read-packet.mjs';

/** `readyState` of a WebSocket (WHATWG WebSockets, 3.1). */
const CONNECTING = 0;
const OPEN = 1;
/** Safari 15 breaks all WebSockets of the browser, until it is restarted, when one is closed while it connects. */
const mustNotCloseEarly = () => /Version\/15\.[\d.]+ .*Safari/.test(navigator.userAgent);
/** Bytes come down a WebSocket as frames only (PROTOCOL.md 4.5). */
const hasBase64 = ({ batch, volatile = [] }) => volatile
    .concat(batch ? batch[1] : [])
    .some(([, , kind = 0]) => (kind & (BINARY | FRAME)) === BINARY);
/** Frames both ways: text frames carry packets, binary frames carry one binary message each. */
const websocket = {
    name: 'websocket',
    supported: () => typeof WebSocket !== 'undefined',
    open(link, on) {
        const socket = new WebSocket(link.url.replace(/^http/, 'ws'));
        /** A packet whose last entry is the binary frame that follows. */
        let announced;
        const flush = (isEnding = false) => {
            for (let frame; socket.readyState === OPEN && (frame = link.nextFrame(isEnding));) {
                socket.send(frame);
            }
        };
        const close = (bye) => {
            socket.onopen = socket.onmessage = socket.onclose = null;
            // Firefox ends a WebSocket as a navigation begins, before `pagehide`.
            const saysGoodbye = !!bye && socket.readyState === OPEN;
            if (saysGoodbye) {
                flush(true);
                socket.send(`{"bye":${bye}}`);
            }
            // Chromium and Firefox queue the next WebSocket to a host behind one that hangs, so that one is closed, too.
            if (socket.readyState !== CONNECTING || !mustNotCloseEarly())
                socket.close();
            else
                socket.onopen = () => socket.close();
            return saysGoodbye;
        };
        const fail = (reason) => {
            close();
            on.closed(reason);
        };
        const handlePacket = (down, bytes) => {
            link.receive(down, false);
            on.packet(down, bytes);
            // Messages that the server has received make room for more.
            flush();
        };
        const handleText = (text) => {
            const down = readPacket(text, true);
            if (!down || hasBase64(down))
                return fail('malformed');
            const entry = awaitsFrame(down);
            if (entry)
                announced = { down, entry };
            else
                handlePacket(down, text.length);
        };
        const handleBinary = (bytes) => {
            if (!announced)
                return fail('malformed');
            const { down, entry } = announced;
            announced = undefined;
            entry[0] = new Uint8Array(bytes);
            handlePacket(down, bytes.byteLength);
        };
        socket.binaryType = 'arraybuffer';
        socket.onopen = () => {
            socket.send(link.attach().text);
            flush();
        };
        socket.onmessage = ({ data }) => {
            if (typeof data !== 'string')
                handleBinary(data);
            else if (announced)
                fail('malformed');
            else
                handleText(data);
        };
        socket.onclose = ({ code, reason }) => fail(reason || `closed-${code}`);
        return { flush: () => flush(), close };
    },
};

export { websocket };
//# sourceMappingURL=websocket.mjs.map
