/** A client that doubts a carrier may ask for a sign of life on all of them, or for waits that end sooner. */
import { expect, test } from 'vitest'
import { startSite } from './site.ts'

test('a probe is answered at once on every carrier that brings messages down', async () => {
  const { client } = await startSite({ heartbeat: 60_000 })
  const alice = client()
  await alice.exchange()
  const socket = await alice.socket()
  const stream = await alice.stream('sse')
  for (const { packets } of [socket, stream]) await packets.find(({ ready }) => ready === 1)
  const before = [socket, stream].map(({ packets }) => packets.items.length)
  await alice.exchange({ probe: 1 })
  for (const [index, { packets }] of [socket, stream].entries()) {
    const all = await packets.count(before[index]! + 1)
    expect(all.at(-1)).toMatchObject({ ack: [0, 0, 0] })
  }
})

test('a probe ends an exchange that waits', async () => {
  const { client } = await startSite({ heartbeat: 60_000 })
  const alice = client()
  await alice.exchange()
  let waits = true
  const waiting = alice.exchange({ answer: 'wait' }).finally(() => (waits = false))
  // The first probes may come before the exchange that is to wait, which has a connection of its own.
  while (waits) await alice.exchange({ probe: 1 })
  const { packet } = await waiting
  expect(packet).toMatchObject({ ready: 1, ack: [0, 0, 0] })
})

test('a probe reaches the carriers of another node', async () => {
  const { client } = await startSite({ hubs: 2, heartbeat: 60_000 })
  const alice = client()
  await alice.exchange()
  const socket = await alice.socket()
  await socket.packets.find(({ ready }) => ready === 1)
  const before = socket.packets.items.length
  await alice.exchange({ probe: 1 })
  await alice.exchange({ probe: 1 })
  const all = await socket.packets.count(before + 2)
  expect(all.at(-1)).toMatchObject({ ack: [0, 0, 0] })
})

test('an exchange that waits is answered within the time that its client allows', async () => {
  const { client } = await startSite({ heartbeat: 60_000 })
  const alice = client()
  await alice.exchange()
  const { packet } = await alice.exchange({ answer: 'wait', within: 20 })
  expect(packet).toMatchObject({ ready: 1, ack: [0, 0, 0] })
})
