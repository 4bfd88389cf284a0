import type { IncomingMessage } from 'node:http'
import { Refusal } from '../errors.ts'

/** Milliseconds of silence in the middle of a body, after which it is refused (PROTOCOL.md 3.2). */
const MAX_SILENCE = 10_000

/** Reads a whole body. Fails with a {@link Refusal} if it is too large, encoded or cut, or does not go on. */
export async function readBody(
  request: IncomingMessage,
  maxBytes: number,
  maxSilence: number = MAX_SILENCE,
): Promise<Buffer> {
  const { 'content-encoding': encoding, 'content-length': length } = request.headers
  if (encoding !== undefined && encoding !== 'identity') {
    throw new Refusal('unsupported-encoding', 'bodies are not unpacked; send this one as it is')
  }
  const tooLarge = (): Refusal =>
    new Refusal('too-large', `the body has more than ${maxBytes} bytes; send smaller messages`)
  if (Number(length) > maxBytes) throw tooLarge()
  const chunks: Buffer[] = []
  let size = 0
  const formerTimeout = request.socket.timeout ?? 0
  await new Promise<void>((resolve, reject) => {
    const finish = (refusal?: Refusal): void => {
      request.setTimeout(formerTimeout).off('timeout', onTimeout)
      request.off('data', onData).off('close', onClose)
      if (refusal) reject(refusal)
      else resolve()
    }
    const onTimeout = (): void =>
      finish(new Refusal('timeout', `the body did not go on for ${maxSilence} ms`))
    const onData = (chunk: Buffer): void => {
      size += chunk.length
      chunks.push(chunk)
      if (size > maxBytes) finish(tooLarge())
    }
    const onClose = (): void => finish(new Refusal('malformed', 'the body was cut'))
    request.setTimeout(maxSilence).on('timeout', onTimeout)
    request
      .on('data', onData)
      .on('close', onClose)
      .on('end', () => finish())
  })
  return chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks, size)
}
