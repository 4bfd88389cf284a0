/** What lies below the hub's path. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { Refusal } from '../errors.ts'
import { refusalOf, type Gate } from './admission.ts'
import { limitEnd, refuse } from './bodies.ts'
import { exchange } from './exchange.ts'
import { corsHeaders } from './origins.ts'
import { bridge, stream } from './streams.ts'

/** Answers a request, whatever it is. `rest` is what follows the hub's path. */
export async function answer(
  gate: Gate,
  rest: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  limitEnd(response, gate.settings.heartbeat)
  try {
    await route(gate, rest, request, response)
  } catch (error) {
    const { end } = refusalOf(gate, error)
    if (!response.headersSent) refuse(request, response, end)
    else if (!response.writableEnded) response.destroy()
  }
}

async function route(
  gate: Gate,
  rest: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { method } = request
  const transport =
    rest === '/sse' ? 'sse' : rest === '/forever-iframe' ? 'forever-iframe' : undefined
  if (rest === '' && method === 'POST') await exchange(gate, request, response)
  else if (transport && method === 'GET') await stream(gate, transport, request, response)
  else if (rest === '/bridge' && method === 'GET') bridge(gate, response)
  else if (method === 'OPTIONS') response.writeHead(204, corsHeaders(request)).end()
  else if (rest === '' && method === 'GET')
    throw new Refusal('not-found', 'a WebSocket whose upgrade was taken away')
  else if (rest === '' || transport || rest === '/bridge') {
    response.setHeader('Allow', rest === '' ? 'GET, POST' : 'GET')
    throw new Refusal('method-not-allowed', `not ${method}`)
  } else throw new Refusal('not-found', 'there is nothing here')
}
