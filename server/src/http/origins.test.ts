import type { IncomingMessage } from 'node:http'
import { describe, expect, test } from 'vitest'
import { Refusal } from '../errors.ts'
import { resolveOptions, type Options } from '../options.ts'
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

describe('POST and WebSocket need an allowed Origin', () => {
  test('by default, the same as the host', () => {
    expect(passes({ origin: 'https://own.example' })).toBe(true)
    expect(passes({ origin: 'http://own.example' })).toBe(true)
    expect(passes({ origin: 'https://other.example' })).toBe(false)
    expect(passes({ origin: 'https://own.example:8443' })).toBe(false)
    expect(passes({ origin: 'https://own.example:8443', host: 'own.example:8443' })).toBe(true)
    expect(passes({ origin: 'https://own.example', host: undefined })).toBe(false)
  })

  test('one that looks like it is not it', () => {
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

  test('a proxy rewrites the host, hence the option', () => {
    const host = 'app.example'
    expect(passes({ origin: 'https://app.example' }, { host })).toBe(true)
    expect(passes({ origin: 'https://own.example' }, { host })).toBe(false)
    const hosts = ['app.example', 'app.example:8443']
    expect(passes({ origin: 'https://app.example:8443' }, { host: hosts })).toBe(true)
    expect(passes({ origin: 'https://own.example' }, { host: hosts })).toBe(false)
  })

  test('others are allowed by a list', () => {
    const options = { origins: ['https://app.example'] }
    expect(passes({ origin: 'https://app.example' }, options)).toBe(true)
    expect(passes({ origin: 'http://app.example' }, options)).toBe(false)
    expect(passes({ origin: 'https://own.example' }, options)).toBe(true)
  })

  test('or by a function, which sees the request', () => {
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
  'a function that answers %o instead of true allows nobody',
  (answer) => {
    const origins = (): boolean => answer as never
    expect(passes({ origin: 'https://app.example' }, { origins })).toBe(false)
  },
)

test('`null` is refused, whatever is allowed', () => {
  expect(passes({ origin: 'null' })).toBe(false)
  expect(passes({ origin: 'null' }, { origins: () => true })).toBe(false)
  expect(passes({ origin: 'null', host: 'null' })).toBe(false)
})

describe('a missing Origin', () => {
  test('passes only without cookies', () => {
    expect(passes({})).toBe(true)
    expect(passes({ cookie: 'session=1' })).toBe(false)
    expect(passes({ upgrade: 'websocket' }, {}, 'GET')).toBe(true)
    expect(passes({ upgrade: 'websocket', cookie: 'session=1' }, {}, 'GET')).toBe(false)
  })

  test('passes for the stream of a browser, which sends cookies and no Origin to its own', () => {
    expect(passes({ cookie: 'session=1' }, {}, 'GET')).toBe(true)
    expect(passes({ origin: 'https://other.example' }, {}, 'GET')).toBe(false)
  })
})

describe('the bridge', () => {
  const origins = ['https://app.example']

  test('is of the server’s own origin, in an allowed page', () => {
    const around = 'https://app.example'
    expect(passes({ origin: 'https://own.example', 'rungs-origin': around }, { origins })).toBe(
      true,
    )
    expect(passes({ 'rungs-origin': around }, { origins })).toBe(true)
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

  test('may be framed by the allowed origins, and by anybody only where a function decides later', () => {
    expect(frameAncestors(resolveOptions({}))).toBe("'self'")
    expect(frameAncestors(resolveOptions({ origins }))).toBe("'self' https://app.example")
    expect(frameAncestors(resolveOptions({ origins: () => false }))).toBe('*')
  })
})

test('a reason does not become longer than its use', () => {
  expect(() => checkOrigin(request({ origin: 'x'.repeat(10_000) }), resolveOptions({}))).toThrow(
    /^.{1,300}$/,
  )
})

test('answers can be read by the page that asked, and name it', () => {
  expect(corsHeaders(request({}))).toEqual({ Vary: 'Origin' })
  expect(corsHeaders(request({ origin: 'https://app.example' }))).toEqual({
    Vary: 'Origin',
    'Access-Control-Allow-Origin': 'https://app.example',
    'Access-Control-Allow-Credentials': 'true',
  })
})
