/** What is a flood to a server, and would keep other tests from their turn: it runs when they have ended. */
import { expect } from 'vitest'
import { prove } from '../prove.ts'
import { openSocket, type Socket } from './carriers.ts'
import { Client, newSession } from './client.ts'
import { expectNoEntry } from './expect.ts'

/** WebSockets that a server lets wait; README.md. */
const MOST_WAITING = 1_000

/** Whether a connection was refused, which is said before a ping is answered. */
async function isRefused(socket: Socket): Promise<boolean> {
  await socket.ping()
  return socket.feed.packets.length > 0
}

prove(
  '3.3',
  'A server MUST bound the number of connections that wait for their first frame; it refuses what is beyond with ' +
    '`too-many-sessions`.',
  async () => {
    const waiting: Socket[] = []
    let refused: Socket | undefined
    while (waiting.length <= MOST_WAITING && !refused) {
      const socket = await openSocket()
      waiting.push(socket)
      refused = waiting.find(({ feed }) => feed.packets.length > 0)
    }
    // The refusal of the last one may still be on its way.
    await waiting.at(-1)!.close()
    refused ??= waiting.find(({ feed }) => feed.packets.length > 0)
    expect(refused).toBeDefined()
    await expectNoEntry(refused!, 'too-many-sessions')
    // Others are served, and those that have said who they are do not count.
    expect((await newSession()).epoch).toBeDefined()
    let last = await openSocket()
    while (!(await isRefused(last))) {
      waiting.push(last)
      last = await openSocket()
    }
    const [first] = waiting
    first!.send({ attach: new Client().attach() })
    await first!.feed.field('ready')
    await new Client().socket()
    for (const socket of waiting) if (socket !== refused) await socket.cut()
    await (await newSession()).socket()
  },
)
