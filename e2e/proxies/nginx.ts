/** nginx: as its tutorials have it, as docs/proxies.md has it, and with what is often set beside. */
import { addresses, replaceTexts, snippet } from './snippets.ts'
import type { Configuration, Plan, Proxy, Scene } from './types.ts'

const PROGRAM = '/usr/sbin/nginx'

/** All that nginx wants around a `server`, within its own folder. */
const around = (http: string): string => `
worker_processes 1;
pid nginx.pid;
error_log stderr;
events {}
http {
  access_log off;
  ${['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((name) => `${name}_temp_path ${name};`).join('\n  ')}
  ${http}
}
`

const planOf = (scene: Scene, http: string): Plan => ({
  program: PROGRAM,
  files: { 'nginx.conf': around(http) },
  args: ['-p', scene.folder, '-c', 'nginx.conf', '-e', 'stderr', '-g', 'daemon off;'],
  // `nginx -s reload` sends the same signal to the process that nginx.pid names.
  reload: 'SIGHUP',
})

const listenAt = ({ port }: Scene): string => `listen 127.0.0.1:${port};`

const listenTls = ({ port, certificate }: Scene): string =>
  `listen 127.0.0.1:${port} ssl http2;
  ssl_certificate ${certificate.cert};
  ssl_certificate_key ${certificate.key};`

/** The first lines of many tutorials. */
const bare = (scene: Scene, more = '', listen = listenAt(scene)): string =>
  `${more}
  server {
    ${listen}
    location / { proxy_pass http://${scene.servers[0]}; }
  }`

/** The snippet of this name, listening here, in front of these servers, with some of its texts replaced. */
const documented = (
  scene: Scene,
  {
    more = '',
    listen = listenAt(scene),
    texts = {},
    name = 'nginx',
  }: { more?: string; listen?: string; texts?: Record<string, string>; name?: string } = {},
): string => {
  const own = {
    'listen 80;': listen,
    ...addresses(scene.servers, name === 'nginx-sticky' ? 2 : 1),
  }
  return `${more}\n${replaceTexts(snippet(name, own), texts)}`
}

/** Round robin over all servers, in place of the only one. */
const roundRobin = ({ servers: [first, ...others] }: Scene): Record<string, string> => ({
  [`server ${first};`]: [first, ...others].map((server) => `server ${server};`).join(' '),
})

/** Round robin over nodes that share a store. A request that one of them leaves without an answer goes to the next, a POST too. */
export const balanceByNginx = (scene: Scene): Plan => {
  const retries = 'proxy_next_upstream error timeout http_502 non_idempotent;'
  // A node that has failed gets its turn all the same: it may be back already.
  const servers = scene.servers.map((server) => `server ${server} max_fails=0;`).join(' ')
  const texts = {
    [`server ${scene.servers[0]};`]: servers,
    'location / {': `location / {\n    ${retries}`,
  }
  return planOf(scene, documented(scene, { texts }))
}

const gzip = 'gzip on; gzip_min_length 0; gzip_types *;'
const idle = 'proxy_read_timeout 10s; proxy_send_timeout 10s;'

const configurations: readonly Configuration[] = [
  {
    name: 'naive',
    quick: true,
    browsers: ['chromium', 'firefox', 'webkit'],
    expect: { transport: 'sse' },
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
    name: 'naive, TLS and HTTP/2',
    browsers: ['chromium', 'firefox'],
    expect: { transport: 'sse' },
    address: { scheme: 'https' },
    plan: (scene) => planOf(scene, bare(scene, '', listenTls(scene))),
  },
  {
    name: 'documented, TLS and HTTP/2',
    browsers: ['chromium', 'firefox'],
    expect: { transport: 'websocket' },
    address: { scheme: 'https' },
    plan: (scene) => planOf(scene, documented(scene, { listen: listenTls(scene) })),
  },
  {
    // Browsers send `Sec-Fetch-Site` to https and to localhost alone, so nothing proves the own origin here.
    name: 'naive, plain http, by name',
    expect: { transport: null },
    address: { host: 'app.test' },
    plan: (scene) => planOf(scene, bare(scene)),
  },
  {
    name: 'naive, plain http, by name, option `host`',
    expect: { transport: 'sse' },
    address: { host: 'app.test' },
    hub: ({ port }) => ({ host: `app.test:${port}` }),
    plan: (scene) => planOf(scene, bare(scene)),
  },
  {
    name: '`Host $host`, which has no port',
    expect: { transport: 'websocket' },
    plan: (scene) =>
      planOf(scene, documented(scene, { texts: { 'Host $http_host': 'Host $host' } })),
  },
  {
    name: 'naive, gzip',
    expect: { transport: 'sse' },
    plan: (scene) => planOf(scene, bare(scene, gzip)),
  },
  {
    name: 'naive, idle limit 10 s',
    idle: 14_000,
    expect: { transport: 'sse', flickers: 2 },
    plan: (scene) => planOf(scene, bare(scene, idle)),
  },
  {
    name: 'documented, idle limit 10 s',
    idle: 14_000,
    browsers: ['chromium', 'firefox'],
    expect: { transport: 'websocket', flickers: 2 },
    plan: (scene) => planOf(scene, documented(scene, { more: idle })),
  },
  {
    name: 'naive, bodies up to 8 KB',
    expect: { transport: 'sse' },
    large: 100_000,
    plan: (scene) => planOf(scene, bare(scene, 'client_max_body_size 8k;')),
  },
  {
    name: 'naive, `maxBatch` above the limit of 1 MB',
    expect: { transport: 'sse' },
    hub: () => ({ maxBatch: 1_000_000 }),
    large: 900_000,
    plan: (scene) => planOf(scene, bare(scene)),
  },
  {
    name: 'documented, prefix stripped',
    expect: { transport: 'websocket' },
    address: { path: '/app/' },
    plan: (scene) =>
      planOf(
        scene,
        documented(scene, { texts: { 'location / {': 'location /app/ {', '//app;': '//app/;' } }),
      ),
  },
  {
    name: 'documented, IPv6',
    expect: { transport: 'websocket' },
    address: { host: '[::1]' },
    plan: (scene) => planOf(scene, documented(scene, { listen: `listen [::1]:${scene.port};` })),
  },
  {
    name: 'documented, reload',
    browsers: ['chromium', 'firefox'],
    expect: { transport: 'websocket' },
    incident: 'reload',
    plan: (scene) => planOf(scene, documented(scene)),
  },
  {
    name: 'naive, reload',
    expect: { transport: 'sse' },
    incident: 'reload',
    plan: (scene) => planOf(scene, bare(scene)),
  },
  {
    name: 'documented, restart of nginx',
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
    name: 'two servers, `ip_hash`',
    expect: { transport: 'websocket' },
    servers: 2,
    plan: (scene) => planOf(scene, documented(scene, { name: 'nginx-sticky' })),
  },
]

export const nginx: Proxy = { name: 'nginx', program: PROGRAM, configurations }
