/** Sessions without end lock nobody else out, from one address or from many. */
import { expect, test } from 'vitest'
import type { Client } from './client.ts'
import { startSite } from './site.ts'

const OPTIONS = { maxSessions: 20, maxSessionsPerAddress: 4, trustProxy: true }
const from = (client: Client, address: string): Client =>
  Object.assign(client, { headers: { 'X-Forwarded-For': address } })

const byExchange = (client: Client): Promise<unknown> => client.exchange({ bye: [60] })
const bySocket = async (client: Client): Promise<unknown> => {
  const socket = await client.socket()
  socket.send({ ack: [0, ''], bye: [60] })
  return socket.end()
}
/** A session that stays. */
const stays = (client: Client): Promise<unknown> => client.socket()

test.each([
  ['exchanges', [byExchange]],
  ['WebSockets', [bySocket]],
  ['both', [byExchange, bySocket]],
  ['WebSockets that stay', [stays]],
])('a flood of sessions by %s from one address leaves room for others', async (_, attacks) => {
  const { client } = await startSite(OPTIONS)
  for (let i = 0; i < 40; i++) {
    await attacks[i % attacks.length]!(from(client(), '192.0.2.7'))
  }
  for (let i = 1; i <= 4; i++) {
    const { status } = await from(client(), `198.51.100.${i}`).exchange()
    expect(status).toBe(200)
  }
})

test('anonymous sessions that stay, from more addresses than would fill the server, leave places for newcomers', async () => {
  const { client } = await startSite(OPTIONS)
  for (let round = 0; round < 12; round++) {
    for (let i = 1; i <= 8; i++) await stays(from(client(), `192.0.2.${i}`))
  }
  const { packet } = await from(client(), '192.0.2.1').exchange()
  expect(packet.end?.slice(0, 2)).toEqual([
    'too-many-sessions',
    'the last places are for addresses with fewer sessions than yours; try again later',
  ])
  for (let i = 1; i <= 2; i++) {
    expect((await from(client(), `198.51.100.${i}`).exchange()).status).toBe(200)
  }
})

test('with as many sessions for an address as for the server, addresses are not told apart', async () => {
  const { client } = await startSite({ maxSessions: 6, maxSessionsPerAddress: 6 })
  for (let i = 0; i < 6; i++) expect((await client().exchange()).status).toBe(200)
  expect((await client().exchange()).packet.end?.[1]).toBe('the server is full; try again later')
})

test('while the server is not half full, an office behind one address may have any number of sessions', async () => {
  const { client } = await startSite(OPTIONS)
  for (let i = 0; i < 10; i++) {
    expect((await from(client(), '192.0.2.7').exchange()).status).toBe(200)
  }
  const { packet } = await from(client(), '192.0.2.7').exchange()
  expect(packet.end).toEqual([
    'too-many-sessions',
    'there are too many sessions of your address; try again later',
    'retry',
  ])
})
