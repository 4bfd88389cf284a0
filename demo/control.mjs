/** What breaks the network: buttons of the page, turned into calls of the fault proxy. */

/** Breaks that last until they are turned off. Each is put on, and returns what takes it off. */
const breaks = {
  // A live WebSocket has passed the door already: it is cut, and finds the door shut when it comes back.
  'reject-websocket': (proxy) => mode(proxy, 'reject-websocket', 'websocket'),
  'never-answer-websocket': (proxy) => mode(proxy, 'never-answer-websocket', 'websocket'),
  'buffer-streams': (proxy) => mode(proxy, 'buffer-streams'),
  silence: (proxy) => proxy.silence(),
}

function mode(proxy, name, cut) {
  proxy.set({ [name]: true })
  if (cut) proxy.cut(cut)
  return () => proxy.set({ [name]: false })
}

/**
 * Serves `GET /control`, what is broken, and `POST /control`, what is to be broken: `{ "cut": true }`, `{ "mend": true }`
 * or the name of a break with true or false.
 *
 * @param {import('rungs-faults').FaultProxy} proxy
 * @param {(broken: string[]) => void} changed is told which breaks are on
 */
export function createControl(proxy, changed) {
  /** Breaks that are on, with what takes them off. @type {Map<string, () => void>} */
  const on = new Map()

  const turn = (name, wanted) => {
    if (wanted === on.has(name)) return
    if (wanted) on.set(name, breaks[name](proxy))
    else {
      on.get(name)()
      on.delete(name)
    }
  }
  const order = ({ cut, mend, ...changes }) => {
    for (const [name, wanted] of Object.entries(changes))
      if (Object.hasOwn(breaks, name)) turn(name, wanted === true)
    if (mend) for (const name of [...on.keys()]) turn(name, false)
    if (cut) proxy.cut()
    else changed([...on.keys()])
  }

  /** @type {import('node:http').RequestListener} */
  return async (request, response) => {
    // Other sites can reach loopback, too; only the demo's own page may break its network.
    const { origin = '' } = request.headers
    if (![`http://127.0.0.1:${proxy.port}`, `http://localhost:${proxy.port}`].includes(origin)) {
      return void response.writeHead(403).end()
    }
    response.setHeader('Access-Control-Allow-Origin', origin)
    try {
      if (request.method === 'POST') order(JSON.parse(await text(request)))
      response
        .writeHead(200, { 'Content-Type': 'application/json' })
        .end(JSON.stringify([...on.keys()]))
    } catch {
      response.writeHead(400).end()
    }
  }
}

async function text(request) {
  let whole = ''
  for await (const chunk of request.setEncoding('utf8')) {
    whole += chunk
    if (whole.length > 1_000) throw new RangeError('too long')
  }
  return whole
}
