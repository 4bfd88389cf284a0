/** The kind of an object (ECMA-262, 20.1.3.6), such as `Map`. Unlike `instanceof`, it holds for objects of other frames. */
const tagOf = (value) => Object.prototype.toString.call(value).slice('[object '.length, -1);

export { tagOf };
//# sourceMappingURL=tag.mjs.map
