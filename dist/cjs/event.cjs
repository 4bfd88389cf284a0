'use strict';

Object.defineProperty(exports, '__esModule', { value: true });

function createEvent() {
    let listeners = [];
    return {
        on(listener) {
            // The same function may be added twice, and each of the two is removed by its own call.
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
                    // A listener's mistake must neither keep the message from the other listeners nor stay unseen.
                    setTimeout(() => {
                        throw error;
                    });
                }
            });
        },
        hasListeners: () => listeners.length > 0,
    };
}

exports.createEvent = createEvent;
