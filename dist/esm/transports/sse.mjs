import { openStream } from './http-exchange.mjs';

/** Down by EventSource, up by exchanges. */
const sse = {
    name: 'sse',
    supported: () => typeof EventSource !== 'undefined',
    open(link, on) {
        return openStream(link, on, 'sse', (ticket, { handleEvent, fail }) => {
            const source = new EventSource(`${link.url}/sse?ticket=${ticket}`, {
                withCredentials: link.credentials,
            });
            source.onmessage = ({ data }) => handleEvent(data);
            // EventSource would reconnect by itself, with a ticket that is used up. Firefox gives up for good when offline.
            source.onerror = () => fail('stream-ended');
            return () => source.close();
        });
    },
};

export { sse };
//# sourceMappingURL=sse.mjs.map
