import { RungsError } from '../error.mjs';

/**
 * The absolute http(s) URL of the server's path, without a slash at its end.
 * @param url http(s) or ws(s) URL, or a path on the page's origin; without query and fragment.
 * @throws RungsError `invalid-url`.
 */
function resolveUrl(url) {
    // An anchor resolves against the page in every engine; the constructor `URL` is younger than some of them.
    const anchor = document.createElement('a');
    anchor.href = url;
    const resolved = anchor.href.replace(/^ws/, 'http').replace(/\/$/, '');
    if (!/^https?:\/\/[^/?#][^?#]*$/.test(resolved)) {
        throw new RungsError('invalid-url', `${url} is no path, nor a URL of http(s) or ws(s), without query and fragment`);
    }
    return resolved;
}

export { resolveUrl };
//# sourceMappingURL=url.mjs.map
