/** HAProxy: WebSockets pass without a word, over HTTP/2 too. */
import { addresses, replaceTexts, snippet } from './snippets.ts'
import type { Configuration, Plan, Proxy, Scene } from './types.ts'

const PROGRAM = '/usr/sbin/haproxy'

const planOf = ({ folder }: Scene, text: string): Plan => ({
  program: PROGRAM,
  files: { 'haproxy.cfg': text },
  // `-db`: in the foreground.
  args: ['-db', '-f', `${folder}/haproxy.cfg`],
  reload: (pid) => ['-sf', String(pid)],
})

/** The first lines of its manual. */
const bare = ({ port, servers }: Scene): string => `
defaults
  mode http
  timeout connect 5s
  timeout client 50s
  timeout server 50s

listen app
  bind 127.0.0.1:${port}
  server app1 ${servers[0]}
`

const tls = ({ port, certificate }: Scene): string =>
  `bind 127.0.0.1:${port} ssl crt ${certificate.both} alpn h2,http/1.1`

/** The snippet of this name, with some of its texts replaced. */
function documented(
  scene: Scene,
  {
    bind = `bind 127.0.0.1:${scene.port}`,
    texts = {},
    name = 'haproxy',
  }: { bind?: string; texts?: Record<string, string>; name?: string } = {},
): string {
  const own = {
    'bind :80': bind,
    ...addresses(scene.servers, name === 'haproxy-sticky' ? 2 : 1),
  }
  return replaceTexts(snippet(name, own), texts)
}

const idle = {
  'timeout client 60s': 'timeout client 10s',
  'timeout server 60s': 'timeout server 10s',
  'timeout tunnel 1h': 'timeout tunnel 10s',
}

/** Round robin over all servers, in place of the only one. */
const roundRobin = ({ servers }: Scene): Record<string, string> => ({
  [`server app1 ${servers[0]}`]: [
    'balance roundrobin',
    ...servers.map((server, index) => `server app${index + 1} ${server}`),
  ].join('\n  '),
})

/** Round robin over nodes that share a store. A connection that one of them refuses goes to the next. */
export const balanceByHaproxy = (scene: Scene): Plan =>
  planOf(
    scene,
    documented(scene, {
      texts: {
        ...roundRobin(scene),
        'balance roundrobin': 'balance roundrobin\n  option redispatch 1',
      },
    }),
  )

/** Adds a line to the frontend. */
const rule = (line: string): Record<string, string> => ({
  'default_backend app': `${line}\n  default_backend app`,
})

const configurations: readonly Configuration[] = [
  {
    name: 'naive',
    quick: true,
    browsers: ['chromium', 'firefox', 'webkit'],
    expect: { transport: 'websocket' },
    large: 900_000,
    plan: (scene) => planOf(scene, bare(scene)),
  },
  {
    name: 'documented',
    quick: true,
    browsers: ['chromium', 'firefox', 'webkit'],
    expect: { transport: 'websocket' },
    large: 900_000,
    plan: (scene) => planOf(scene, documented(scene)),
  },
  {
    name: 'documented, TLS, WebSocket over HTTP/2',
    browsers: ['chromium', 'firefox'],
    expect: { transport: 'websocket' },
    address: { scheme: 'https' },
    plan: (scene) => planOf(scene, documented(scene, { bind: tls(scene) })),
  },
  {
    name: 'documented, gzip',
    expect: { transport: 'websocket' },
    plan: (scene) =>
      planOf(
        scene,
        documented(scene, { texts: rule('filter compression\n  compression algo gzip') }),
      ),
  },
  {
    name: 'documented, gzip, without WebSocket',
    expect: { transport: 'sse' },
    plan: (scene) =>
      planOf(
        scene,
        documented(scene, {
          texts: rule(
            'filter compression\n  compression algo gzip\n  http-request deny if { hdr(upgrade) -i websocket }',
          ),
        }),
      ),
  },
  {
    name: 'documented, idle limit 10 s',
    idle: 14_000,
    browsers: ['chromium', 'firefox'],
    expect: { transport: 'websocket', flickers: 2 },
    plan: (scene) => planOf(scene, documented(scene, { texts: idle })),
  },
  {
    name: 'documented, bodies up to 8 KB, without WebSocket',
    expect: { transport: 'sse' },
    large: 100_000,
    plan: (scene) =>
      planOf(
        scene,
        documented(scene, {
          texts: rule(
            'http-request deny deny_status 413 if { req.hdr_val(content-length) gt 8192 }\n' +
              '  http-request deny if { hdr(upgrade) -i websocket }',
          ),
        }),
      ),
  },
  {
    name: 'documented, prefix stripped',
    expect: { transport: 'websocket' },
    address: { path: '/app/' },
    plan: (scene) =>
      planOf(
        scene,
        documented(scene, { texts: rule(String.raw`http-request replace-path /app/(.*) /\1`) }),
      ),
  },
  {
    name: 'documented, `Host` rewritten',
    browsers: ['chromium', 'firefox'],
    expect: { transport: 'websocket' },
    plan: (scene) =>
      planOf(
        scene,
        documented(scene, { texts: rule('http-request set-header Host backend.internal') }),
      ),
  },
  {
    name: 'documented, IPv6',
    expect: { transport: 'websocket' },
    address: { host: '[::1]' },
    plan: (scene) => planOf(scene, documented(scene, { bind: `bind [::1]:${scene.port}` })),
  },
  {
    name: 'documented, reload (`-sf`)',
    browsers: ['chromium', 'firefox'],
    expect: { transport: 'websocket' },
    incident: 'reload',
    plan: (scene) => planOf(scene, documented(scene)),
  },
  {
    name: 'documented, restart of HAProxy',
    expect: { transport: 'websocket', flickers: 2 },
    incident: 'restart of the proxy',
    plan: (scene) => planOf(scene, documented(scene)),
  },
  {
    name: 'documented, restart of the server',
    expect: { transport: 'websocket', resets: 1, flickers: 1 },
    incident: 'restart of the server',
    plan: (scene) => planOf(scene, documented(scene)),
  },
  {
    name: 'round robin over two servers without a common store',
    expect: { transport: 'websocket', use: 'any', resets: 3 },
    servers: 2,
    plan: (scene) => planOf(scene, documented(scene, { texts: roundRobin(scene) })),
  },
  {
    name: 'two servers, `cookie … insert`',
    expect: { transport: 'websocket' },
    servers: 2,
    plan: (scene) => planOf(scene, documented(scene, { name: 'haproxy-sticky' })),
  },
]

export const haproxy: Proxy = { name: 'HAProxy', program: PROGRAM, configurations }
