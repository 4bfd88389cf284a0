/** The own origin behind proxies and under attacks: which page is let in, in every combination of what is known of it. */
import type { IncomingMessage } from 'node:http'
import { describe, expect, test } from 'vitest'
import { Refusal } from '../errors.ts'
import type { Options } from '../options.ts'
import { resolveOptions } from '../settings.ts'
import { checkOrigin, checkWebSocketOrigin, originToKeep } from './origins.ts'

type Headers = Readonly<Record<string, string | undefined>>

interface Connection {
  readonly options?: Options
  readonly encrypted?: boolean
}

const PAGE = 'https://app.example'
/** The upstream's address, which bare `proxy_pass` makes of `Host`. */
const UPSTREAM = '127.0.0.1:3000'
const SAME = { 'sec-fetch-site': 'same-origin' }

const toRequest = (headers: Headers, method: string, encrypted = false): IncomingMessage =>
  ({ method, headers, socket: { encrypted } }) as unknown as IncomingMessage

function isRefusal(error: unknown): boolean {
  if (error instanceof Refusal && error.end.type === 'origin-refused') return true
  throw error
}

/** Whether a POST passes. */
function posts(headers: Headers, { options = {}, encrypted }: Connection = {}): boolean {
  try {
    checkOrigin(toRequest(headers, 'POST', encrypted), resolveOptions(options))
    return true
  } catch (error) {
    return !isRefusal(error)
  }
}

/** What a WebSocket may do: begin a session, only join one, or nothing. */
function upgrades(headers: Headers, { options = {}, encrypted }: Connection = {}): string {
  const request = toRequest({ upgrade: 'websocket', ...headers }, 'GET', encrypted)
  try {
    const unproven = checkWebSocketOrigin(request, resolveOptions(options))
    return unproven === undefined ? 'begins' : `joins ${unproven}`
  } catch (error) {
    return isRefusal(error) ? 'refused' : 'failed'
  }
}

describe('behind a proxy that rewrites Host', () => {
  test.each([PAGE, 'https://app.example:8443', 'http://localhost:5173', 'http://127.0.0.1:8080'])(
    'the page %s is the own one if the browser says so',
    (origin) => {
      const headers = { origin, host: UPSTREAM, cookie: 'session=1', ...SAME }
      expect(posts(headers)).toBe(true)
      expect(upgrades(headers)).toBe('begins')
      expect(originToKeep(toRequest(headers, 'POST'))).toBe(origin)
    },
  )

  test.each(['cross-site', 'same-site', 'none', 'same-origin, cross-site', ''])(
    'a page of which the browser says %j is foreign, also where Host says another thing',
    (site) => {
      for (const origin of [PAGE, `http://${UPSTREAM}`, 'http://localhost:5173']) {
        const headers = { origin, host: UPSTREAM, 'sec-fetch-site': site }
        expect(posts(headers), origin).toBe(false)
        expect(upgrades(headers), origin).toBe('refused')
        expect(originToKeep(toRequest(headers, 'POST'))).toBeUndefined()
      }
    },
  )

  test('a WebSocket of which the browser says nothing may only join, and only one of a page for which it speaks', () => {
    expect(upgrades({ origin: PAGE, host: UPSTREAM })).toBe(`joins ${PAGE}`)
    expect(upgrades({ origin: 'http://localhost:5173', host: UPSTREAM })).toBe(
      'joins http://localhost:5173',
    )
    for (const origin of [
      'http://app.example',
      'http://localhost.evil.example',
      'http://127.0.0.1.evil.example',
      'null',
      'file://',
      'capacitor://localhost',
      'nonsense',
      '',
    ]) {
      expect(upgrades({ origin, host: UPSTREAM }), origin).toBe('refused')
    }
    expect(upgrades({ origin: PAGE, host: UPSTREAM, 'rungs-origin': PAGE })).toBe('refused')
  })

  test('other requests of which the browser says nothing are refused: on plain http the rule is that of Host', () => {
    for (const origin of [PAGE, 'http://app.example', 'http://localhost:5173']) {
      expect(posts({ origin, host: UPSTREAM }), origin).toBe(false)
      expect(posts({ origin, host: 'localhost' }), origin).toBe(false)
    }
  })

  test('forwarded headers count if the option trustProxy says so', () => {
    const forwarded = { 'x-forwarded-host': 'app.example', 'x-forwarded-proto': 'https' }
    const headers = { origin: PAGE, host: UPSTREAM, ...forwarded }
    const trusting = { options: { trustProxy: true } }
    expect(posts(headers)).toBe(false)
    expect(posts(headers, trusting)).toBe(true)
    expect(upgrades(headers, trusting)).toBe('begins')
    expect(posts({ ...headers, origin: 'http://app.example' }, trusting)).toBe(false)
    expect(posts({ ...headers, origin: 'https://other.example' }, trusting)).toBe(false)
    expect(posts({ ...headers, 'x-forwarded-host': 'app.example, 127.0.0.1' }, trusting)).toBe(true)
    expect(posts({ ...headers, 'x-forwarded-host': undefined }, trusting)).toBe(false)
  })
})

describe('the scheme of the own origin', () => {
  const host = 'app.example'

  test('is https on a TLS connection', () => {
    const encrypted = { encrypted: true }
    expect(posts({ origin: PAGE, host }, encrypted)).toBe(true)
    expect(posts({ origin: 'http://app.example', host }, encrypted)).toBe(false)
  })

  test('is what the proxy says, with trustProxy', () => {
    const trusting = { options: { trustProxy: true } }
    const proto = (value: string): Headers => ({ host, 'x-forwarded-proto': value })
    expect(posts({ origin: PAGE, ...proto('https') }, trusting)).toBe(true)
    expect(posts({ origin: PAGE, ...proto('HTTPS, http') }, trusting)).toBe(true)
    expect(posts({ origin: 'http://app.example', ...proto('https') }, trusting)).toBe(false)
    expect(posts({ origin: 'http://app.example', ...proto('http') }, trusting)).toBe(true)
    expect(posts({ origin: PAGE, ...proto('http') }, trusting)).toBe(false)
    // The headers are not those of a proxy otherwise.
    expect(posts({ origin: 'http://app.example', ...proto('https') })).toBe(true)
  })

  test('is that of the option host, if it has one', () => {
    const options = { host: ['https://app.example', 'plain.example:8080'] }
    expect(posts({ origin: PAGE, host: UPSTREAM }, { options })).toBe(true)
    expect(posts({ origin: 'http://app.example', host: UPSTREAM }, { options })).toBe(false)
    expect(posts({ origin: 'http://plain.example:8080', host: UPSTREAM }, { options })).toBe(true)
    expect(posts({ origin: 'https://plain.example:8080', host: UPSTREAM }, { options })).toBe(true)
  })

  test('keeps the plain page out of the https server, where the browser speaks', () => {
    const headers = { origin: 'http://app.example', host, 'sec-fetch-site': 'cross-site' }
    expect(posts(headers)).toBe(false)
    expect(posts(headers, { options: { host } })).toBe(false)
    expect(upgrades(headers, { options: { host } })).toBe('refused')
  })
})

test('the option host names other own hosts, to which the browser says same-site', () => {
  const options = { host: ['app.example', 'www.app.example'] }
  const headers = { origin: PAGE, host: 'www.app.example', 'sec-fetch-site': 'same-site' }
  expect(posts(headers, { options })).toBe(true)
  expect(posts(headers)).toBe(false)
})

describe('a page that DNS rebinding has brought here', () => {
  const rebound = { origin: 'http://evil.example:3000', host: 'evil.example:3000' }

  test('is foreign behind a proxy that rewrites Host', () => {
    expect(posts({ ...rebound, host: UPSTREAM })).toBe(false)
    expect(upgrades({ ...rebound, host: UPSTREAM })).toBe('refused')
  })

  test('is foreign with the option host', () => {
    expect(posts(rebound, { options: { host: 'app.example' } })).toBe(false)
    expect(upgrades(rebound, { options: { host: 'app.example' } })).toBe('refused')
  })

  test('is not vouched for by a browser that would say same-origin on plain http', () => {
    expect(posts({ ...rebound, host: UPSTREAM, ...SAME })).toBe(false)
    expect(posts({ ...rebound, ...SAME }, { options: { host: 'app.example' } })).toBe(false)
    expect(upgrades({ ...rebound, host: UPSTREAM, ...SAME })).toBe('refused')
    expect(originToKeep(toRequest({ ...rebound, ...SAME }, 'POST'))).toBeUndefined()
  })
})

describe('the host of the own origin', () => {
  test.each([
    [PAGE, 'app.example:443', true],
    [PAGE, 'APP.Example', true],
    [PAGE, 'app.example.', true],
    [PAGE, 'App.example.:443', true],
    ['https://app.example.', 'app.example', true],
    ['http://app.example', 'app.example:80', true],
    ['http://app.example', 'app.example:443', false],
    [PAGE, 'app.example:80', false],
    ['https://app.example:8443', 'APP.example.:8443', true],
    ['http://[::1]:8080', '[::1]:8080', true],
    [PAGE, 'app.example..', false],
    [PAGE, 'evil@app.example', false],
    [PAGE, 'app.example/', false],
    [PAGE, 'app.example#', false],
    [PAGE, 'app.example, evil.example', false],
    [PAGE, '', false],
  ])('is compared as browsers do: %s with %s', (origin, host, isOwn) => {
    expect(posts({ origin, host })).toBe(isOwn)
  })

  test('may be written like that in the option host', () => {
    for (const host of ['APP.example.', 'app.example:443', 'https://app.example']) {
      expect(posts({ origin: PAGE, host: UPSTREAM }, { options: { host } }), host).toBe(true)
    }
  })

  test('is that of :authority in HTTP/2', () => {
    expect(posts({ origin: PAGE, ':authority': 'app.example' })).toBe(true)
    expect(posts({ origin: 'https://evil.example', ':authority': 'app.example' })).toBe(false)
  })
})

test('a refusal names the page, the host and the option', () => {
  const request = toRequest({ origin: PAGE, host: UPSTREAM }, 'POST')
  expect(() => checkOrigin(request, resolveOptions({}))).toThrow(
    'a page of the Origin https://app.example may not connect to the Host 127.0.0.1:3000; behind a proxy that rewrites Host, set the option host',
  )
})
