// @ts-check
import { readFile } from 'node:fs/promises'

/** @import { RequestListener } from 'node:http' */

/**
 * Handles the requests for an empty page at `/`, and for the modules that it loads.
 *
 * @param {string} title
 * @param {readonly string[]} files Paths from the root of the project, each with a leading slash. The page loads the first one.
 * @returns {RequestListener}
 */
export function servePage(title, files) {
  const page =
    `<!doctype html><meta charset="utf-8"><link rel="icon" href="data:,"><title>${title}</title>` +
    `<script type="module" src="${files[0]}"></script><body></body>`
  return async (request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://page')
    const file =
      files.includes(pathname) && (await readFile(new URL(`../..${pathname}`, import.meta.url)))
    response.writeHead(file || pathname === '/' ? 200 : 404, {
      'content-type': file ? 'text/javascript; charset=utf-8' : 'text/html; charset=utf-8',
      // A page of a test comes from the back/forward cache, or anew.
      'cache-control': 'no-cache',
    })
    response.end(file || (pathname === '/' ? page : 'Nothing is here.'))
  }
}
