'use strict';

Object.defineProperty(exports, '__esModule', { value: true });

function createEvent() {
    let listeners = [];
    return {
        on(listener) {
            // The same function may listen twice, and then stop once.
            const own = listener.bind(null);
            listeners = listeners.concat(own);
            return () => {
                listeners = listeners.filter((other) => other !== own);
            };
        },
        emit(...args) {
            listeners.forEach((listener) => {
                try {
                    listener(...args);
                }
                catch (error) {
                    // One listener's mistake must not keep a message from the others, nor stay unseen.
                    setTimeout(() => {
                        throw error;
                    });
                }
            });
        },
        heard: () => listeners.length > 0,
    };
}

exports.createEvent = createEvent;
