// @ts-check
/**
 * The networks on which Rungs has to work, each as settings of the fault proxy: what the tests prove and what the
 * benchmarks measure is the same list. `settles` names what may carry once the ladder has settled; `post` tells whether a
 * plain POST passes at once, which is what promise 3 stands on; `lasting` is how many milliseconds a transport must have
 * carried to count as settled, where something is cut again and again: longer than it takes to be cut.
 */

/** @import { FaultProxy, Faults } from 'rungs-faults' */
/** @import { TransportName } from '../../src/types.ts' */

/**
 * @typedef {object} Scenario
 * @property {string} name
 * @property {Faults} faults
 * @property {readonly TransportName[]} settles
 * @property {boolean} post
 * @property {number} lasting
 * @property {boolean} main whether it is proven in every engine, not in Chromium alone
 * @property {((network: FaultProxy) => void) | undefined} act what happens as the page connects
 */

/**
 * @type {(
 *   name: string,
 *   faults: Faults,
 *   settles: readonly TransportName[],
 *   more?: Partial<Pick<Scenario, 'post' | 'lasting' | 'main' | 'act'>>,
 * ) => Scenario}
 */
const scenario = (name, faults, settles, more) => ({
  name,
  faults,
  settles,
  post: true,
  lasting: 300,
  main: false,
  act: undefined,
  ...more,
})

const noWebSocket = { 'never-answer-websocket': true }
const main = { main: true }
/** Milliseconds after which things are cut, and how long a transport has carried that is not. */
const CUT = 1_000
const lasting = { lasting: CUT * 2 }

/** @type {readonly Scenario[]} */
export const SCENARIOS = [
  scenario('healthy', {}, ['websocket'], main),
  scenario('slow and jittery', { delay: 150, jitter: 50 }, ['websocket']),
  scenario('narrow', { bandwidth: 20_000 }, ['websocket']),

  scenario('WebSocket never answered', noWebSocket, ['sse'], main),
  scenario('WebSocket rejected with 400', { 'reject-websocket': 400 }, ['sse']),
  scenario('WebSocket rejected with 403', { 'reject-websocket': 403 }, ['sse']),
  scenario('WebSocket rejected with 502', { 'reject-websocket': 502 }, ['sse']),
  scenario('WebSocket stripped to a plain GET', { 'strip-websocket': true }, ['sse'], main),
  scenario('WebSocket 101, then silence', { 'mute-websocket': true }, ['sse'], main),
  scenario('WebSocket killed by age', { 'kill-websocket': { age: CUT } }, ['sse'], {
    ...main,
    ...lasting,
  }),
  scenario('WebSocket killed when idle', { 'kill-websocket': { idle: CUT } }, ['sse'], lasting),
  scenario('WebSocket frames late', { 'delay-websocket': 300 }, ['websocket']),

  scenario('streams buffered', { ...noWebSocket, 'buffer-streams': true }, ['long-poll'], main),
  scenario(
    'streams buffered, headers too',
    { ...noWebSocket, 'buffer-streams': { headers: true } },
    ['long-poll'],
  ),
  // Padding pushes the stream through, after the time of a proof.
  scenario(
    'beginning of streams held back',
    { ...noWebSocket, 'hold-streams': true },
    ['sse'],
    main,
  ),
  scenario('streams in blocks of 4 KB', { ...noWebSocket, 'block-streams': true }, ['long-poll']),
  // A message may push the proof of a stream through; it is the next one then that is missed.
  scenario('stream events held until the next', { ...noWebSocket, 'lag-streams': true }, [
    'long-poll',
    'sse',
  ]),
  scenario('streams cut by age', { ...noWebSocket, 'cut-streams': { age: CUT } }, ['long-poll'], {
    ...main,
    ...lasting,
  }),
  scenario(
    'streams cut when idle',
    { ...noWebSocket, 'cut-streams': { idle: CUT } },
    ['long-poll'],
    lasting,
  ),

  scenario(
    'requests killed by age',
    { ...noWebSocket, 'kill-requests': { after: CUT } },
    ['long-poll', 'short-poll'],
    lasting,
  ),
  scenario('first answers lost', { 'lose-answers': { times: 2 } }, ['websocket'], { post: false }),
  scenario('answers lost, connections reset', { 'lose-answers': { then: 'reset', rate: 0.2 } }, [
    'websocket',
  ]),
  scenario('requests repeated', { 'repeat-requests': { answer: 'second' } }, ['websocket']),
  scenario(
    'answers to a retried request',
    { 'stale-answers': { then: 'reset', times: 2 } },
    ['websocket'],
    { post: false },
  ),
  scenario('HTTP/1.0 only', { 'http-1.0': true }, ['sse', 'long-poll']),
]

/** Milliseconds that an outage lasts: longer than a page needs to connect. */
const OUTAGE = 1_000
/**
 * What fails meanwhile has a cool-down afterwards, in the next visit, too.
 *
 * @type {(name: string, act: NonNullable<Scenario['act']>) => Scenario}
 */
const outage = (name, act) =>
  scenario(name, {}, ['websocket', 'sse', 'long-poll'], { post: false, act })

/**
 * What is proven, but measures nothing that the others do not.
 *
 * @type {readonly Scenario[]}
 */
export const MORE_SCENARIOS = [
  scenario('two requests at a time', { 'starve-connections': 2 }, ['websocket']),
  scenario('first requests lost', { 'lose-requests': { times: 2 } }, ['websocket'], {
    post: false,
  }),
  scenario('requests lost, connections reset', { 'lose-requests': { then: 'reset', rate: 0.2 } }, [
    'websocket',
  ]),
  scenario('bodies of 8 KB at most', { ...noWebSocket, 'limit-bodies': 8_192 }, ['sse']),
  scenario(
    'requests killed by age, with 504',
    { ...noWebSocket, 'kill-requests': { after: CUT, status: 504 } },
    ['long-poll', 'short-poll'],
    lasting,
  ),
  scenario(
    'answers to the next request, too',
    { 'stale-answers': { to: 'next', then: 'answer', times: 2 } },
    ['websocket'],
    { post: false },
  ),
  outage('all connections are reset', (network) => void network.cut()),
  outage('new connections are refused', (network) => void network.refuse(OUTAGE)),
  outage('nothing passes', (network) => void network.silence({ ms: OUTAGE })),
  outage('nothing passes up', (network) => void network.silence({ ms: OUTAGE, direction: 'up' })),
  outage(
    'nothing passes down',
    (network) => void network.silence({ ms: OUTAGE, direction: 'down' }),
  ),
]
