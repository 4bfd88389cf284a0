/** The only error that this library throws or rejects with. Switch on `type`; the message says what to do. */
class RungsError extends Error {
    constructor(type, message) {
        super(message);
        this.name = 'RungsError';
        this.type = type;
    }
}

export { RungsError };
//# sourceMappingURL=error.mjs.map
