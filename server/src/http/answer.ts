import { packet } from 'rungs/protocol'
import { ackText, batchTexts, volatileText } from '../delivery/packet-texts.ts'
import { PendingLog, shiftVolatile } from '../delivery/pending-log.ts'
import { Refusal } from '../errors.ts'
import { batchSizeFor, heartbeatFor, helloOf, type Admitted } from './admission.ts'
import type { ServerContext } from './context.ts'

/** Bytes of messages in an answer that is composed at once, whoever else has work to do. */
const SMALL_ANSWER = 65_536

export interface AnswerOptions {
  readonly saysHello: boolean
  /** Whether the client wants what is in its log down. */
  readonly wantsMessages: boolean
  /** Whether something that the client sent was not taken. */
  readonly hasGap: boolean
  readonly ticket: string | undefined
}

/** The answer to an exchange that does not wait (PROTOCOL.md 3.2), as JSON text. */
export async function composeAnswer(
  { store, handlerQueue, settings, turns }: ServerContext,
  { attachRequest, admission }: Admitted,
  { saysHello, wantsMessages, hasGap, ticket }: AnswerOptions,
): Promise<string> {
  const maxBatch = batchSizeFor(settings, attachRequest)
  const { session, tokenTtl } = admission
  const { id } = session
  const { position } = attachRequest
  const backlog = await store.read(id, position[0], wantsMessages ? maxBatch : 0)
  // The handlers of the packet may have ended the session.
  if ('type' in backlog) throw Refusal.of(backlog)
  const log = new PendingLog(position)
  log.pushAll(backlog)
  // Encoding much takes its time, and those with little do not wait behind it.
  if (log.outstandingWith(0) > SMALL_ANSWER && turns.isOver) await turns.next()
  const volatile = shiftVolatile([...backlog.volatile], maxBatch, false)
  const batch = log.take(volatile.bytes, maxBatch, 'base64')
  const { acceptedUpTo, head, partProgress } = backlog
  const outstanding = log.outstandingWith(backlog.outstanding)
  const receivedUpTo = handlerQueue.receivedUpTo(id)
  return packet({
    hello: saysHello && helloOf(settings, session, heartbeatFor(settings, attachRequest)),
    ack: ackText({ receivedUpTo, acceptedUpTo, head, outstanding, partProgress }),
    gap: hasGap && '1',
    token: tokenTtl <= 0 && '1',
    ...batchTexts(batch),
    volatile: volatileText(volatile),
    ready: wantsMessages && '1',
    ticket: ticket && JSON.stringify(ticket),
  })
}
