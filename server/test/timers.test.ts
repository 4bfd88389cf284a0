/** A hub has one timer for all carriers. */
import { expect, test } from 'vitest'
import { until } from './list.ts'
import { startSite } from './site.ts'

/** Timers of this process, those of Node's own sockets included. */
const timers = (): number =>
  process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length

test('a carrier adds no timer to the process', async () => {
  const { hub, client } = await startSite()
  const [first, stream, poll] = [client(), client(), client()]
  const other = await first.socket()
  await stream.stream('sse')
  await poll.exchange()
  void poll.exchange({ answer: 'wait' }).catch(() => {})
  await other.packets.find(({ ready }) => ready === 1)
  const before = timers()
  for (let i = 0; i < 30; i++) {
    const [alice, bob, carol] = [client(), client(), client()]
    const socket = await alice.socket()
    await socket.packets.find(({ ready }) => ready === 1)
    await bob.stream('sse')
    await carol.exchange()
    void carol.exchange({ answer: 'wait' }).catch(() => {})
  }
  // The last poll waits once this is answered.
  await hub.broadcast('hi', { volatile: true })
  await until(() => timers() <= before + 5)
  expect(timers()).toBeLessThanOrEqual(before + 5)
})
