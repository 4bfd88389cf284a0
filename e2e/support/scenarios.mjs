// @ts-check
/**
 * The networks on which Rungs has to work, each as settings of the fault proxy: what the tests prove and what the
 * benchmarks measure is the same list. `settles` names what may carry once the ladder has settled, best first; `post`
 * tells whether a plain POST passes at once, which is what promise 3 stands on.
 */

/** @import { Faults } from 'rungs-faults' */
/** @import { TransportName } from '../../src/types.ts' */

/**
 * @typedef {object} Scenario
 * @property {string} name
 * @property {Faults} faults
 * @property {readonly TransportName[]} settles
 * @property {boolean} post
 */

/** @type {(name: string, faults: Faults, settles: readonly TransportName[], post?: boolean) => Scenario} */
const scenario = (name, faults, settles, post = true) => ({ name, faults, settles, post })

const noWebSocket = { 'never-answer-websocket': true }

/** @type {readonly Scenario[]} */
export const SCENARIOS = [
  scenario('healthy', {}, ['websocket']),
  scenario('slow and jittery', { delay: 150, jitter: 50 }, ['websocket']),
  scenario('narrow', { bandwidth: 20_000 }, ['websocket']),

  scenario('WebSocket never answered', noWebSocket, ['sse']),
  scenario('WebSocket rejected with 400', { 'reject-websocket': 400 }, ['sse']),
  scenario('WebSocket rejected with 403', { 'reject-websocket': 403 }, ['sse']),
  scenario('WebSocket rejected with 502', { 'reject-websocket': 502 }, ['sse']),
  scenario('WebSocket stripped to a plain GET', { 'strip-websocket': true }, ['sse']),
  scenario('WebSocket 101, then silence', { 'mute-websocket': true }, ['sse']),
  scenario('WebSocket killed every 3 s', { 'kill-websocket': { age: 3_000 } }, ['sse']),
  scenario('WebSocket killed when idle for 2 s', { 'kill-websocket': { idle: 2_000 } }, ['sse']),
  scenario('WebSocket frames late', { 'delay-websocket': 300 }, ['websocket']),

  scenario('streams buffered', { ...noWebSocket, 'buffer-streams': true }, ['long-poll']),
  scenario(
    'streams buffered, headers too',
    { ...noWebSocket, 'buffer-streams': { headers: true } },
    ['long-poll'],
  ),
  scenario('streams in blocks of 4 KB', { ...noWebSocket, 'block-streams': true }, ['long-poll']),
  scenario('stream events held until the next', { ...noWebSocket, 'lag-streams': true }, [
    'long-poll',
  ]),
  scenario('streams cut every 3 s', { ...noWebSocket, 'cut-streams': { age: 3_000 } }, [
    'long-poll',
  ]),
  scenario('streams cut when idle for 2 s', { ...noWebSocket, 'cut-streams': { idle: 2_000 } }, [
    'long-poll',
  ]),

  scenario('requests killed after 3 s', { ...noWebSocket, 'kill-requests': { after: 3_000 } }, [
    'long-poll',
    'short-poll',
  ]),
  scenario('first answers lost', { 'lose-answers': { times: 2 } }, ['websocket'], false),
  scenario('answers lost, connections reset', { 'lose-answers': { then: 'reset', rate: 0.2 } }, [
    'websocket',
  ]),
  scenario('requests repeated', { 'repeat-requests': { answer: 'second' } }, ['websocket']),
  scenario(
    'answers to a retried request',
    { 'stale-answers': { then: 'reset', times: 2 } },
    ['websocket'],
    false,
  ),
  scenario('HTTP/1.0 only', { 'http-1.0': true }, ['sse', 'long-poll']),
]
