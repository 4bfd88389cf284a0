/** The bridge: which pages it may speak for, and the two documents of the forever iframe. */
import { expect } from 'vitest'
import { prove } from '../prove.ts'
import { Client, batch, newSession } from './client.ts'
import { expectAck, expectRefused } from './expect.ts'
import { ask, target } from './wire.ts'

const OWN = target.origin
const FOREIGN = 'http://foreign.example'
const FRIEND = 'https://friend.example'

const CHECKED =
  'A server MUST check `Rungs-Origin` like an `Origin` (3.7), and the request must come from its own origin: no other ' +
  'page can set the header, because that would need a preflight, which is never granted.'

for (const [what, headers] of [
  ['a foreign page around it', { Origin: OWN, 'Rungs-Origin': FOREIGN }],
  ['no page around it', { Origin: OWN, 'Rungs-Origin': '' }],
  ['null around it', { Origin: OWN, 'Rungs-Origin': 'null' }],
  ['two pages around it', { Origin: OWN, 'Rungs-Origin': `${OWN}, ${FOREIGN}` }],
  ['a bridge elsewhere', { Origin: FOREIGN, 'Rungs-Origin': OWN }],
  ['a bridge in an allowed origin', { Origin: FRIEND, 'Rungs-Origin': FRIEND }],
  ['a bridge in an allowed origin, the own page', { Origin: FRIEND, 'Rungs-Origin': OWN }],
  ['without Origin, a foreign page', { 'Rungs-Origin': FOREIGN }],
  ['without Origin, the own page', { 'Rungs-Origin': OWN }],
  ['without Origin, an allowed page', { 'Rungs-Origin': FRIEND }],
  ['in null', { Origin: 'null', 'Rungs-Origin': OWN }],
] as const) {
  prove(
    '7',
    CHECKED,
    async () => {
      const client = await newSession()
      const fields = { batch: batch(1, 'x'), volatile: [['x']], bye: [0] }
      expectRefused(await client.exchange(fields, {}, headers), 'origin-refused')
      expectAck((await client.exchange()).packet, 0, 0, 0)
    },
    { with: what },
  )
}

for (const [what, around] of [
  ['the own page', OWN],
  ['an allowed page', FRIEND],
] as const) {
  prove(
    '7',
    CHECKED,
    async () => {
      const client = new Client()
      const headers = { Origin: OWN, 'Rungs-Origin': around }
      const { status } = await client.exchange({ batch: batch(1, 'x') }, {}, headers)
      expect(status).toBe(200)
      await client.settled(1)
      expect(await client.readData()).toEqual(['x'])
    },
    { with: `${what} around it is served` },
  )
}

const DOCUMENTS =
  'Both documents MUST carry a `Content-Security-Policy` that allows no script but their own and names in ' +
  '`frame-ancestors` who may frame them, `Cross-Origin-Embedder-Policy: require-corp`, and ' +
  '`Cross-Origin-Resource-Policy: cross-origin`.'

for (const which of ['bridge', 'stream'] as const) {
  prove(
    '7',
    DOCUMENTS,
    async () => {
      const client = await newSession()
      const document =
        which === 'bridge' ? await ask('GET', '/bridge') : await client.stream('forever-iframe')
      const { headers } = document
      expect(headers['content-type']).toMatch(/^text\/html\b/)
      const policy = String(headers['content-security-policy'])
      const directive = (name: string): string =>
        policy.split(';').find((each) => each.trim().startsWith(`${name} `)) ?? ''
      const scripts = directive('script-src') || directive('default-src')
      // Browsers that know a nonce or a hash ignore 'unsafe-inline', which is for those that do not.
      expect(scripts).toMatch(/'nonce-|'sha/)
      expect(scripts).not.toMatch(/unsafe-eval|strict-dynamic|'self'| (\*|https?:|data:|blob:)/)
      const ancestors = directive('frame-ancestors').trim().split(/\s+/).slice(1)
      expect(ancestors.toSorted()).toEqual(["'self'", FRIEND])
      expect(headers['cross-origin-embedder-policy']).toBe('require-corp')
      expect(headers['cross-origin-resource-policy']).toBe('cross-origin')
      expect(headers['x-frame-options']).toBeUndefined()
    },
    { with: which },
  )
}

prove(
  '7',
  DOCUMENTS,
  async () => {
    const nonces = []
    for (let count = 0; count < 3; count++) {
      const { headers, text } = await ask('GET', '/bridge')
      const [, nonce] = /'nonce-([^']+)'/.exec(String(headers['content-security-policy'])) ?? []
      if (nonce) expect(text).toContain(`nonce="${nonce}"`)
      // A hash of the script is as good, and the same every time.
      nonces.push(nonce ?? count)
    }
    expect(new Set(nonces).size).toBe(3)
  },
  { with: 'a nonce is for one document' },
)

prove(
  '10',
  'No callback name, origin or other text of a request may reach the documents of section 7.',
  async () => {
    const attack = encodeURIComponent('"><script>alert(1)</script>')
    const client = await newSession()
    for (const query of [`?callback=${attack}`, `?c=${attack}&origin=${attack}`, `?${attack}`]) {
      const headers = { Referer: `${FOREIGN}/?${attack}`, Cookie: `c=${attack}` }
      const ticket = await client.ticket('forever-iframe')
      const documents = [
        await ask('GET', `/bridge${query}`, { ...headers, Origin: FOREIGN }),
        await ask('GET', `/forever-iframe${query}&ticket=${ticket}x`, headers),
      ]
      for (const { text } of documents) {
        expect(text).not.toContain('alert(1)')
        expect(text).not.toContain('foreign.example')
      }
    }
  },
)
