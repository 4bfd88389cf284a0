/** Puts the parts of a hub together. */
import { randomBytes } from 'node:crypto'
import { Application } from './application.ts'
import { createRunInBackground } from './background.ts'
import { HandlerQueue } from './delivery/handler-queue.ts'
import { Intake } from './delivery/intake.ts'
import { Readers } from './delivery/readers.ts'
import { Turns } from './delivery/turns.ts'
import type { ServerContext } from './http/context.ts'
import { ExchangesInFlight } from './http/exchanges-in-flight.ts'
import { intercept, type NodeServer } from './http/intercept.ts'
import { RareWarnings } from './http/rare-warnings.ts'
import { StrippedHandshakes } from './http/stripped-handshakes.ts'
import { Pipelining } from './http/pipelining.ts'
import { handleRequest, pathBelow } from './http/routes.ts'
import { UnprovenSockets } from './http/unproven-sockets.ts'
import { WebSocketEndpoint } from './http/websocket.ts'
import { Lifecycle } from './lifecycle.ts'
import { MemoryBudget } from './memory-budget.ts'
import { Counters, type Metrics } from './metrics.ts'
import type { Options } from './options.ts'
import { resolveOptions } from './settings.ts'
import { Sender } from './sender.ts'
import { monotonicNow } from './store/clock.ts'
import { MemoryStore } from './store/memory-store.ts'
import type { SessionStore } from './store/store.ts'
import { timeStore, type TimedStore } from './store/timed-store.ts'

/** The parts that the API needs. */
export interface HubParts {
  readonly application: Application
  readonly sender: Sender
  readonly lifecycle: Lifecycle
  /** Settles when the store has answered that it knows this node. */
  readonly connected: Promise<void>
  metrics(): Metrics
}

/** @param server The HTTP server whose requests the hub answers; `undefined`: it serves no clients. */
export function assemble(server: NodeServer | undefined, options: Options): HubParts {
  const counters = new Counters()
  const settings = resolveOptions(options, (log) => counters.watch(log))
  const ownStore = options.store ? undefined : new MemoryStore()
  const timed = options.store && timeStore(options.store, monotonicNow)
  const store = timed?.store ?? ownStore!
  const runInBackground = createRunInBackground(settings.log)
  const sender = new Sender({
    settings,
    store,
    counters,
    runInBackground,
    onEnded: (ended) => application.notifyEnded(ended),
  })
  const { log } = settings
  const application = new Application({ store, sender, log, counters, runInBackground })
  const turns = new Turns(monotonicNow)
  const handlerQueue = new HandlerQueue(store, application, {
    nodeName: randomBytes(6).toString('base64url'),
    // Handlers run again only where a store outlives the node.
    tracksCauses: ownStore === undefined,
    turns,
  })
  const readers = new Readers({
    store,
    maxBatch: settings.maxBatch,
    now: monotonicNow,
    receivedUpTo: (id) => handlerQueue.receivedUpTo(id),
    onFailed: (error) => log({ level: 'error', event: 'carrier-failed', error }),
  })
  const exchangesInFlight = new ExchangesInFlight(settings.maxPending, settings.maxBatch)
  const memory = new MemoryBudget(settings.maxMemory, [
    () => store.heldBytes ?? 0,
    () => handlerQueue.totalBytes,
    () => exchangesInFlight.unreadBytes,
    () => webSockets.heldBytes,
  ])
  const context: ServerContext = {
    settings,
    store,
    readers,
    handlerQueue,
    intake: new Intake(store, handlerQueue, settings.maxMessage),
    turns,
    exchangesInFlight,
    rareWarnings: new RareWarnings(monotonicNow),
    strippedHandshakes: new StrippedHandshakes(monotonicNow),
    unprovenSockets: new UnprovenSockets(store),
    pipelining: new Pipelining(),
    memory,
    counters,
    now: monotonicNow,
    isDraining: () => lifecycle.isDraining,
    endSession: (id, end) => application.endSession(id, end),
    runInBackground,
  }
  const webSockets = new WebSocketEndpoint(context)
  const connected = connect(store, readers, context)
  void runInBackground('store-failed', () => connected)
  const lifecycle = new Lifecycle({
    settings,
    store,
    ownStore,
    application,
    sender,
    handlerQueue,
    readers,
    exchangesInFlight,
    webSockets,
    runInBackground,
    isServing: server !== undefined,
    restoreServer: server ? serve(server, context, webSockets) : () => {},
  })
  const metrics = (): Metrics => readMetrics({ counters, readers, memory, store, timed })
  return { application, sender, lifecycle, connected, metrics }
}

async function connect(
  store: SessionStore,
  readers: Readers,
  { settings }: ServerContext,
): Promise<void> {
  await store.connect(readers, settings)
}

/** Answers what is below the path of the hub. Returns the function that gives the HTTP server back as it was. */
function serve(
  server: NodeServer,
  context: ServerContext,
  webSockets: WebSocketEndpoint,
): () => void {
  const { path } = context.settings
  return intercept(server, {
    onRequest(request, response) {
      const subpath = pathBelow(path, request)
      if (subpath === undefined) return false
      void handleRequest(context, subpath, request, response)
      return true
    },
    onUpgrade(request, socket, head) {
      if (pathBelow(path, request) !== '') return false
      webSockets.handleUpgrade(request, socket, head)
      return true
    },
  })
}

interface MeasuredParts {
  readonly counters: Counters
  readonly readers: Readers
  readonly memory: MemoryBudget
  readonly store: SessionStore
  readonly timed: TimedStore | undefined
}

function readMetrics({ counters, readers, memory, store, timed }: MeasuredParts): Metrics {
  return {
    sessions: readers.sessionCount,
    carriers: {
      websocket: readers.count('websocket'),
      sse: readers.count('sse'),
      'long-poll': readers.count('long-poll'),
      'forever-iframe': readers.count('forever-iframe'),
    },
    heldBytes: memory.bytes,
    logBytes: store.heldBytes ?? 0,
    ...counters.snapshot(),
    superseded: readers.superseded,
    ...(timed && { store: timed.metrics() }),
  }
}
