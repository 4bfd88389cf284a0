/** The order of checks: of two faults of a request, the earlier one is the answer. */
import { prove } from '../prove.ts'
import { expectEnded, expectNoEntry, expectRefused } from './expect.ts'
import { FAULTS, attachRequest, goodRequest, makeScene, sendRequest, type Fault } from './faults.ts'

const FIRST = 'The server checks in this order; the first check that fails is the answer.'

/** Faults that come later than one, and that a request can have beside it. */
const laterThan = ({ step, excludes = [] }: Fault): readonly Fault[] =>
  FAULTS.filter((later) => later.step > step && !excludes.includes(later.name))

for (const fault of FAULTS) {
  const later = laterThan(fault)
  prove(
    '6.4',
    FIRST,
    async () => {
      const scene = await makeScene()
      expectRefused(await sendRequest(fault.apply(goodRequest(scene), scene)), fault.type)
      for (const other of later) {
        const request = other.apply(goodRequest(scene), scene)
        const answer = await sendRequest(fault.apply(request, scene))
        if (answer.packet.end?.[0] !== fault.type) {
          throw new Error(`With ${other.name}, the answer is ${answer.text}`)
        }
        expectEnded(answer, fault.type)
      }
    },
    { with: `POST, ${fault.name} before ${later.length} others` },
  )

  if (!fault.onSocket) continue
  prove(
    '6.4',
    FIRST,
    async () => {
      const scene = await makeScene()
      await expectNoEntry(await attachRequest(fault.apply(goodRequest(scene), scene)), fault.type)
      for (const other of later) {
        const request = other.apply(goodRequest(scene), scene)
        await expectNoEntry(await attachRequest(fault.apply(request, scene)), fault.type)
      }
    },
    { with: `WebSocket, ${fault.name} before ${later.length} others` },
  )
}

prove(
  '6.4',
  FIRST,
  async () => {
    const scene = await makeScene()
    for (const t of [30, 31, 32]) await scene.client.socket({}, { t, want: 10 })
    const request = goodRequest(scene)
    const late = {
      ...request,
      attach: { ...request.attach, t: 25 },
      fields: { answer: 'wait', ack: [99, ''] },
    }
    expectRefused(await sendRequest(late), 'superseded')
    // A reader it is not, so only its position is wrong.
    expectRefused(await sendRequest({ ...late, fields: { ack: [99, ''] } }), 'lost')
  },
  { with: 'three later readers before a position above the head' },
)
