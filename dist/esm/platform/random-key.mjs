/** Characters of 32 bits in base 36. */
/** 128 random bits, as 28 characters of `0` to `9` and `a` to `z`. */
function randomKey() {
    const keys = crypto.getRandomValues(new Uint32Array(4));
    // Typed arrays of old engines have no `map` of their own.
    return [].map.call(keys, (bits) => `000000${bits.toString(36)}`.slice(-7)).join('');
}

export { randomKey };
//# sourceMappingURL=random-key.mjs.map
