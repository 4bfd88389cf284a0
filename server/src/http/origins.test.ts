import type { IncomingMessage } from 'node:http'
import { describe, expect, test } from 'vitest'
import { Refusal } from '../errors.ts'
import type { Options } from '../options.ts'
import { resolveOptions } from '../settings.ts'
import { checkOrigin, corsHeaders, frameAncestors } from './origins.ts'

type Headers = Readonly<Record<string, string | undefined>>

const request = (headers: Headers, method = 'POST'): IncomingMessage =>
  ({ method, headers: { host: 'own.example', ...headers } }) as unknown as IncomingMessage

function passes(headers: Headers, options: Options = {}, method?: string): boolean {
  try {
    checkOrigin(request(headers, method), resolveOptions(options))
    return true
  } catch (error) {
    if (error instanceof Refusal && error.end.type === 'origin-refused') return false
    throw error
  }
}

describe('the Origin of a POST or WebSocket', () => {
  test('is allowed by default if it is the host', () => {
    expect(passes({ origin: 'https://own.example' })).toBe(true)
    expect(passes({ origin: 'http://own.example' })).toBe(true)
    expect(passes({ origin: 'https://other.example' })).toBe(false)
    expect(passes({ origin: 'https://own.example:8443' })).toBe(false)
    expect(passes({ origin: 'https://own.example:8443', host: 'own.example:8443' })).toBe(true)
    expect(passes({ origin: 'https://own.example', host: undefined })).toBe(false)
  })

  test('is refused if it only looks like the host', () => {
    for (const origin of [
      'https://own.example.evil.example',
      'https://evil.example/own.example',
      'https://own.example@evil.example',
      'https://user@own.example',
      'https://own.example/',
      'https://own.example/path',
      'https://own.example?query',
      'https://own.example#fragment',
      'https://OWN.example',
      'https://',
      'https:own.example',
      'own.example',
      'ftp://own.example',
      'file://own.example',
      'javascript:own.example',
      '',
      ' ',
    ]) {
      expect(passes({ origin }), origin).toBe(false)
    }
  })

  test('is compared with the option host where a proxy rewrites the header', () => {
    const host = 'app.example'
    expect(passes({ origin: 'https://app.example' }, { host })).toBe(true)
    expect(passes({ origin: 'https://own.example' }, { host })).toBe(false)
    const hosts = ['app.example', 'app.example:8443']
    expect(passes({ origin: 'https://app.example:8443' }, { host: hosts })).toBe(true)
    expect(passes({ origin: 'https://own.example' }, { host: hosts })).toBe(false)
  })

  test('is allowed if it is in the list of the option origins', () => {
    const options = { origins: ['https://app.example'] }
    expect(passes({ origin: 'https://app.example' }, options)).toBe(true)
    expect(passes({ origin: 'http://app.example' }, options)).toBe(false)
    expect(passes({ origin: 'https://own.example' }, options)).toBe(true)
  })

  test('is allowed if the function of the option origins says so', () => {
    const asked: unknown[] = []
    const origins = (origin: string, { headers }: IncomingMessage): boolean => {
      asked.push([origin, headers.host])
      return origin === 'https://app.example'
    }
    expect(passes({ origin: 'https://app.example' }, { origins })).toBe(true)
    expect(passes({ origin: 'https://other.example' }, { origins })).toBe(false)
    expect(asked).toEqual([
      ['https://app.example', 'own.example'],
      ['https://other.example', 'own.example'],
    ])
  })
})

test.each([Promise.resolve(false), 'yes', 1, {}])(
  'an origins function that answers %o instead of true allows no page',
  (answer) => {
    const origins = (): boolean => answer as never
    expect(passes({ origin: 'https://app.example' }, { origins })).toBe(false)
  },
)

test('the Origin null is refused, whatever is allowed', () => {
  expect(passes({ origin: 'null' })).toBe(false)
  expect(passes({ origin: 'null' }, { origins: () => true })).toBe(false)
  expect(passes({ origin: 'null', host: 'null' })).toBe(false)
})

test('the Origin null passes if it is listed by its name, and has no cookies', () => {
  const options = { origins: ['null'] }
  expect(passes({ origin: 'null' }, options)).toBe(true)
  expect(passes({ origin: 'null', cookie: 'session=1' }, options)).toBe(false)
  expect(passes({ origin: 'null' }, { origins: ['https://app.example'] })).toBe(false)
  expect(passes({ origin: 'https://own.example', 'rungs-origin': 'null' }, options)).toBe(false)
  expect(frameAncestors(resolveOptions(options))).toBe("'self'")
})

test.each([
  'capacitor://localhost',
  'ionic://localhost',
  'tauri://localhost',
  'chrome-extension://abcdefghijklmnop',
  'app://.',
  'app://obsidian.md',
])('the origin %s of an application can be listed, and is asked for', (origin) => {
  expect(passes({ origin }, { origins: [origin] })).toBe(true)
  expect(passes({ origin, cookie: 'session=1' }, { origins: [origin] })).toBe(true)
  expect(passes({ origin: `${origin}x` }, { origins: [origin] })).toBe(false)
  expect(passes({ origin, host: 'localhost' })).toBe(false)
  expect(passes({ origin }, { origins: (each) => each === origin })).toBe(true)
  expect(frameAncestors(resolveOptions({ origins: [origin] }))).toBe(`'self' ${origin}`)
})

describe('a request without Origin', () => {
  test('passes only without cookies', () => {
    expect(passes({})).toBe(true)
    expect(passes({ cookie: 'session=1' })).toBe(false)
    expect(passes({ upgrade: 'websocket' }, {}, 'GET')).toBe(true)
    expect(passes({ upgrade: 'websocket', cookie: 'session=1' }, {}, 'GET')).toBe(false)
  })

  test('passes with cookies if it is a plain GET, which browsers send to their own origin like that', () => {
    expect(passes({ cookie: 'session=1' }, {}, 'GET')).toBe(true)
    expect(passes({ origin: 'https://other.example' }, {}, 'GET')).toBe(false)
  })
})

describe('an exchange of the bridge', () => {
  const origins = ['https://app.example']

  test('passes from the server’s own origin, in an allowed page', () => {
    const around = 'https://app.example'
    expect(passes({ origin: 'https://own.example', 'rungs-origin': around }, { origins })).toBe(
      true,
    )
    expect(passes({ origin: 'https://own.example', 'rungs-origin': 'https://own.example' })).toBe(
      true,
    )
  })

  test('is refused in any other page', () => {
    for (const around of [
      'https://evil.example',
      'null',
      '',
      'https://app.example, https://evil.example',
    ]) {
      expect(
        passes({ origin: 'https://own.example', 'rungs-origin': around }, { origins }),
        around,
      ).toBe(false)
    }
  })

  test('is refused from any other origin, also an allowed one', () => {
    const around = 'https://app.example'
    expect(passes({ origin: around, 'rungs-origin': around }, { origins })).toBe(false)
    expect(passes({ origin: 'null', 'rungs-origin': around }, { origins })).toBe(false)
  })

  test('is refused without Origin, which a browser sends with every POST', () => {
    for (const around of ['https://app.example', 'https://own.example']) {
      expect(passes({ 'rungs-origin': around }, { origins }), around).toBe(false)
      const vouched = { 'rungs-origin': around, 'sec-fetch-site': 'same-origin' }
      expect(passes(vouched, { origins }), around).toBe(false)
    }
  })

  test('is not made the own page’s by the browser’s word for the bridge', () => {
    const bridge = { origin: 'https://own.example', 'sec-fetch-site': 'same-origin' }
    const host = '127.0.0.1:3000'
    const passesAround = (around: string): boolean =>
      passes({ ...bridge, host, 'rungs-origin': around }, { origins })
    expect(passesAround('https://own.example')).toBe(true)
    expect(passesAround('https://app.example')).toBe(true)
    expect(passesAround('https://evil.example')).toBe(false)
    expect(passesAround('http://127.0.0.1:3000')).toBe(false)
  })

  test('comes from a frame that allowed origins may load, or any origin where a function decides later', () => {
    expect(frameAncestors(resolveOptions({}))).toBe("'self'")
    expect(frameAncestors(resolveOptions({ origins }))).toBe("'self' https://app.example")
    expect(frameAncestors(resolveOptions({ origins: () => false }))).toBe('*')
  })
})

test('a refusal repeats no more than 200 characters of a header', () => {
  expect(() => checkOrigin(request({ origin: 'x'.repeat(10_000) }), resolveOptions({}))).toThrow(
    /^.{1,300}$/,
  )
})

test('CORS headers let the page that asked read the answer', () => {
  expect(corsHeaders(request({}))).toEqual({ Vary: 'Origin' })
  expect(corsHeaders(request({ origin: 'https://app.example' }))).toEqual({
    Vary: 'Origin',
    'Access-Control-Allow-Origin': 'https://app.example',
    'Access-Control-Allow-Credentials': 'true',
  })
})
