import { describe, expect, test } from 'vitest'
import { batch, openStream, randomKey, type Stream } from '../../test/client.ts'
import { startSite, type SiteOptions } from '../../test/site.ts'
import { ask, post } from '../../test/wire.ts'

/** A text that ends a script, a string, an attribute or a line. No page may contain it. */
const SCRIPT = '</script><script>alert("x")</script><!-- \' " ` ${1} \u2028 \u2029 \\u003c'
const CHUNK = /<script nonce="([^"]*)">([^<]*)<\/script>/g

/** The Content-Security-Policy of a page, by directive. */
const policyOf = (headers: {
  readonly [name: string]: string | string[] | undefined
}): Map<string, string> =>
  new Map(
    String(headers['content-security-policy'])
      .split('; ')
      .map((directive) => [
        directive.split(' ', 1)[0]!,
        directive.slice(directive.indexOf(' ') + 1),
      ]),
  )

const nonceOf = (headers: Parameters<typeof policyOf>[0]): string =>
  /^'nonce-([A-Za-z0-9+/]{22}==)' 'unsafe-inline'$/.exec(policyOf(headers).get('script-src')!)![1]!

describe('an SSE stream', () => {
  test('begins with the two parts of hello, then the log', async () => {
    const { hub, client } = await startSite()
    const alice = client()
    const { hello } = (await alice.exchange()).packet
    await hub.broadcast('before')
    const stream = await alice.stream('sse')
    expect(await stream.messages(1)).toEqual(['before'])
    expect(stream.packets.items).toEqual([
      { hello, ack: [0, 0, 1, 0, 'before'.length] },
      { ready: 1 },
      { batch: [1, [['before']]] },
    ])
    expect(stream.text.startsWith(':\n\n')).toBe(true)
  })

  test('begins with padding, and brings it with heartbeats, if the client asks for it', async () => {
    const { client } = await startSite({ heartbeat: 1_000 })
    const alice = client()
    await alice.exchange()
    const padded = await alice.stream('sse', {}, { pad: 2_048 })
    await padded.packets.find(({ ready }) => ready === 1)
    expect(padded.text.indexOf('data:')).toBeGreaterThan(2_048)
    const before = padded.text.length
    await padded.packets.find(({ ready, hello, ack }) => !!ack && !ready && !hello)
    expect(padded.text.length - before).toBeGreaterThan(2_048)
  })

  test('has headers that keep proxies from buffering or changing it', async () => {
    const { url, client } = await startSite()
    const alice = client()
    alice.headers = { Origin: new URL(url).origin }
    const { response } = await alice.stream('sse')
    expect(response.headers).toMatchObject({
      'content-type': 'text/event-stream',
      'cache-control': 'no-store, no-transform',
      'referrer-policy': 'no-referrer',
      'x-accel-buffering': 'no',
      'x-content-type-options': 'nosniff',
      'access-control-allow-origin': alice.headers['Origin'],
      'access-control-allow-credentials': 'true',
      vary: 'Origin',
    })
  })

  test.each(['a\nb', 'a\rb', 'a\r\n\r\nb', 'data: x\n\n', '\u2028\u2029', '\ud800'])(
    'carries %j unchanged',
    async (data) => {
      const { hub, client } = await startSite()
      const stream = await client().stream('sse')
      await hub.broadcast(data)
      await hub.broadcast({ [data]: [data] })
      expect(await stream.messages(2)).toEqual([data, { [data]: [data] }])
    },
  )

  test('ends with its session, after the last message', async () => {
    const { hub, client } = await startSite()
    hub.onMessage(async (_, session) => {
      await session.send('last')
      await session.close(4_000, 'done')
    })
    const alice = client()
    const stream = await alice.stream('sse')
    await alice.send(1, 'go')
    await stream.closed
    expect(stream.packets.items.slice(-2)).toEqual([
      { batch: [1, [['last']]] },
      { end: ['closed', 'done', 'final', 4_000] },
    ])
  })

  test('is not written to while its client does not read, and brings all of it later', async () => {
    const { hub, client } = await startSite()
    const stream = await client().stream('sse')
    await stream.packets.count(2)
    stream.response.pause()
    const large = 'x'.repeat(60_000)
    for (let i = 0; i < 100; i++) await hub.broadcast(`${i} ${large}`)
    const other = await client().stream('sse')
    await hub.broadcast('last')
    await other.messages(1)
    expect(stream.entries.length).toBeLessThan(100)
    stream.response.resume()
    const got = await stream.messages(101)
    expect(got.map((data) => parseInt(String(data), 10))).toEqual([
      ...Array.from({ length: 100 }, (_, i) => i),
      NaN,
    ])
  })
})

/** The pieces of a message in parts that a stream has brought. */
const piecesOf = ({ packets }: Stream, number: number): string[] =>
  packets.items.flatMap(({ batch: [first, entries] = [0, []] }) =>
    entries.filter((_, index) => first + index === number).map(([data]) => String(data)),
  )

describe('the stream of a forever iframe', () => {
  test('is a document of scripts, with padding before the first', async () => {
    const { hub, client } = await startSite()
    const stream = await client().stream('forever-iframe')
    await hub.broadcast('hi')
    await stream.messages(1)
    expect(stream.text.indexOf('p("')).toBeGreaterThan(1_024)
    const nonce = nonceOf(stream.response.headers)
    const chunks = [...stream.text.matchAll(CHUNK)]
    expect(chunks.map(([, each]) => each)).toEqual(Array.from({ length: 4 }, () => nonce))
    expect(stream.packets.items.map((packet) => Object.keys(packet))).toEqual([
      ['hello', 'ack'],
      ['ready'],
      ['batch'],
    ])
  })

  test('ends after some megabytes, also in a message, and the next one goes on without a loss', async () => {
    const { hub, client } = await startSite()
    const alice = client()
    const stream = await alice.stream('forever-iframe')
    // As a piece of JSON text in a text in a script it is eight times as long.
    const large = '"'.repeat(400_000)
    for (let i = 1; i <= 2; i++) await hub.broadcast(`${i}${large}`)
    await stream.closed
    expect(stream.packets.items.some(({ end }) => end)).toBe(false)
    expect(stream.entries.map(([number]) => number)).toEqual([1])
    const pieces = piecesOf(stream, 2)
    const next = await alice.stream('forever-iframe', { ack: [1, '', pieces.join('').length] })
    const text = `"2${large.replaceAll('"', '\\"')}"`
    await next.packets.until(() => [...pieces, ...piecesOf(next, 2)].join('').length >= text.length)
    expect([...pieces, ...piecesOf(next, 2)].join('') === text).toBe(true)
  })
})

const PAGES = ['bridge', 'forever-iframe'] as const

/** A page: its headers, and its text as far as it has come. */
async function pageOf(name: (typeof PAGES)[number], options: SiteOptions = {}) {
  const { url, client } = await startSite(options)
  if (name === 'bridge') return ask('GET', `${url}/bridge`)
  const { response, text } = await client().stream('forever-iframe')
  return { headers: response.headers, text, status: response.statusCode }
}

describe.each(PAGES)('the document of the %s', (name) => {
  test('has a policy that allows its own scripts alone, and allowed origins to frame it', async () => {
    const { headers } = await pageOf(name, { origins: ['https://app.example'] })
    const policy = policyOf(headers)
    expect(policy.get('default-src')).toBe("'none'")
    expect(policy.get('base-uri')).toBe("'none'")
    expect(policy.get('form-action')).toBe("'none'")
    expect(policy.get('frame-ancestors')).toBe("'self' https://app.example")
    expect(nonceOf(headers)).toHaveLength(24)
    expect(String(headers['content-security-policy'])).not.toContain('unsafe-eval')
    expect(policy.get('connect-src')).toBe(name === 'bridge' ? "'self'" : undefined)
    expect(policy.get('frame-src')).toBe(name === 'bridge' ? "'self'" : undefined)
  })

  test('has another nonce each time', async () => {
    const nonces = [nonceOf((await pageOf(name)).headers), nonceOf((await pageOf(name)).headers)]
    expect(new Set(nonces).size).toBe(2)
  })

  test('can be framed by pages that isolate themselves', async () => {
    expect((await pageOf(name)).headers).toMatchObject({
      'cross-origin-embedder-policy': 'require-corp',
      'cross-origin-resource-policy': 'cross-origin',
      'content-type': 'text/html; charset=utf-8',
      'x-content-type-options': 'nosniff',
    })
  })
})

test('the bridge has a referrer policy that leaves its exchanges their Origin', async () => {
  expect((await pageOf('bridge')).headers['referrer-policy']).toBe('same-origin')
  expect((await pageOf('forever-iframe')).headers['referrer-policy']).toBe('no-referrer')
})

describe('no part of a request', () => {
  test('is in the bridge, which is always the same but for its nonce', async () => {
    const { url } = await startSite()
    const plain = await ask('GET', `${url}/bridge`)
    const query = `?${encodeURIComponent(SCRIPT)}=${encodeURIComponent(SCRIPT)}#${encodeURIComponent(SCRIPT)}`
    const attacked = await ask('GET', `${url}/bridge${query}`, {
      Origin: 'https://evil.example',
      Referer: 'https://evil.example/<script>',
      'User-Agent': '</script><script>',
      Cookie: 'a=</script>',
      'Rungs-Origin': '</script>',
    })
    const without = (page: typeof plain): string => page.text.replaceAll(nonceOf(page.headers), '')
    expect(without(attacked)).toBe(without(plain))
    expect(Object.keys(attacked.headers)).toEqual(Object.keys(plain.headers))
  })

  test('is in the stream of a forever iframe, whatever its fields are', async () => {
    const { url, hub, client } = await startSite({ authenticate: () => SCRIPT })
    hub.onMessage(() => {})
    const alice = client()
    alice.token = SCRIPT
    alice.page = [0, SCRIPT.slice(0, 64)]
    alice.headers = {
      Origin: new URL(url).origin,
      'User-Agent': '</script>',
      Referer: 'http://x/</script>',
    }
    const { packet } = await alice.exchange({
      batch: batch(1, SCRIPT),
      stream: 'forever-iframe',
      [SCRIPT]: SCRIPT,
      bye: undefined,
    })
    const ticket = `${packet.ticket}&${encodeURIComponent(SCRIPT)}=${encodeURIComponent(SCRIPT)}`
    const stream = await openStream(url, 'forever-iframe', ticket, alice.headers)
    await stream.packets.count(2)
    const pieces = ['alert', 'x")', '<!--', SCRIPT.slice(10, 20)]
    for (const piece of pieces) expect(stream.text).not.toContain(piece)
    for (const piece of pieces) expect(JSON.stringify(stream.response.headers)).not.toContain(piece)
    expect(stream.text.match(/<script/g)).toHaveLength(3)
  })

  test('but messages is in the stream, and they end neither script nor line', async () => {
    const { hub, client } = await startSite()
    const alice = client()
    const stream = await alice.stream('forever-iframe')
    const data = [SCRIPT, { [SCRIPT]: [SCRIPT] }, '\ud800</SCRIPT >', '<!--<script>']
    for (const each of data) await hub.broadcast(each)
    expect(await stream.messages(data.length)).toEqual(data)
    // Each script is one call with one literal.
    const chunks = [...stream.text.matchAll(/<script[^>]*>([\s\S]*?)<\/script>/g)].slice(1)
    for (const [, code] of chunks) {
      expect(code).toMatch(/^p\("(?:[^"\\\n\r\u2028\u2029<]|\\.)*"\)$/)
    }
    expect(stream.text.replace(/<script nonce="[^"]*">[^<]*<\/script>\n/g, '').trim()).toBe(
      '<!doctype html><meta charset="utf-8"><title>Rungs</title>',
    )
  })

  test('is in a refusal, which is never a page', async () => {
    const { url } = await startSite()
    const answers = [
      await ask('GET', `${url}/forever-iframe?ticket=${encodeURIComponent(SCRIPT)}`),
      await ask('GET', `${url}/sse?ticket=${encodeURIComponent(SCRIPT)}`),
      await ask('GET', `${url}/${encodeURIComponent(SCRIPT)}`),
      await post(url, SCRIPT),
      await post(url, JSON.stringify({ attach: { version: SCRIPT } })),
      await post(url, JSON.stringify({ attach: { version: 1, key: SCRIPT, t: 1, want: 1 } })),
      await post(
        url,
        JSON.stringify({
          attach: { version: 1, key: randomKey(), epoch: SCRIPT.slice(0, 64), t: 1, want: 1 },
        }),
      ),
    ]
    for (const { status, text, headers } of answers) {
      expect(status).toBeGreaterThanOrEqual(400)
      expect(text).not.toContain('alert')
      expect(headers).toMatchObject({
        'content-type': 'application/json; charset=utf-8',
        'cache-control': 'no-store, no-transform',
        'x-content-type-options': 'nosniff',
      })
    }
  })
})
