/** JSON of data, also on pages whose old libraries have extended the prototypes of arrays and objects. */
import { stringify } from './engine.mjs';
import { tagOf } from './tag.mjs';

/** Objects whose own fields are all that they are, or whose primitive value is. */
const DATA_TAGS = /^(Object|Array|Arguments|Number|String|Boolean)$/;
/** The method that JSON.stringify asks, if the value has it. */
const methodOf = (value) => value?.toJSON;
/**
 * The value to write. A `toJSON` of all arrays or all objects is not asked: the one of Prototype.js before 1.7 makes a text
 * of each list.
 */
const withoutExtension = function (key, converted) {
    const value = this[key];
    const method = methodOf(value);
    return method && (method === methodOf([]) || method === methodOf({})) ? value : converted;
};
/**
 * JSON text. Lone surrogates are escaped (ECMAScript 2019), because UTF-8 would turn them into U+FFFD.
 * @throws TypeError for cycles and BigInt.
 */
function toJSON(value) {
    return stringify(value, methodOf([]) || methodOf({}) ? withoutExtension : undefined);
}
/**
 * Whether a value with this JSON text is data. A Blob, a Map or a Promise is none: JSON has `{}` in their place. Bytes
 * within other data are none either: JSON has `{}` or `{"0":` there. Of a value without such text nothing is looked at.
 */
function isData(value, json) {
    let hasOnlyData = true;
    const look = function (key, converted) {
        const each = withoutExtension.call(this, key, converted);
        if (typeof each === 'object' && each && !DATA_TAGS.test(tagOf(each)))
            hasOnlyData = false;
        return each;
    };
    if (typeof value === 'object' && /\{\}|\{"0":/.test(json))
        stringify(value, look);
    return hasOnlyData;
}

export { isData, toJSON };
//# sourceMappingURL=json.mjs.map
