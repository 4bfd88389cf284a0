/** Apache httpd: bare `ProxyPass` carries no WebSocket and rewrites `Host`. */
import { replaceTexts, snippet } from './snippets.ts'
import type { Configuration, Plan, Proxy, Scene } from './types.ts'

const PROGRAM = '/usr/sbin/apache2'

const MODULES = [
  'mpm_event',
  'authz_core',
  'headers',
  'filter',
  'deflate',
  'proxy',
  'proxy_http',
  'socache_shmcb',
  'ssl',
  'http2',
]

const planOf = (
  { folder, port, certificate }: Scene,
  text: string,
  { tls = false, host = '127.0.0.1' }: { tls?: boolean; host?: string } = {},
): Plan => ({
  program: PROGRAM,
  files: {
    'httpd.conf': `
ServerRoot ${folder}
ServerName localhost
PidFile httpd.pid
ErrorLog error.log
User www-data
Group www-data
${MODULES.map((name) => `LoadModule ${name}_module /usr/lib/apache2/modules/mod_${name}.so`).join('\n')}
Mutex pthread
GracefulShutdownTimeout 1
Listen ${host}:${port}
${tls ? `SSLEngine on\nSSLCertificateFile ${certificate.cert}\nSSLCertificateKeyFile ${certificate.key}` : ''}
${text}`,
  },
  args: ['-f', `${folder}/httpd.conf`, '-DFOREGROUND'],
  // `apachectl graceful` sends the same signal.
  reload: 'SIGUSR1',
})

const bare = ({ servers }: Scene): string => `ProxyPass / http://${servers[0]}/`

const documented = (scene: Scene, texts: Record<string, string> = {}): string =>
  replaceTexts(snippet('apache', { '127.0.0.1:8080': scene.servers[0]! }), texts)

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
    name: 'documented, TLS, WebSocket over HTTP/2',
    browsers: ['chromium', 'firefox'],
    expect: { transport: 'websocket' },
    address: { scheme: 'https' },
    plan: (scene) => planOf(scene, documented(scene), { tls: true }),
  },
  {
    name: 'naive, gzip',
    expect: { transport: 'sse' },
    plan: (scene) => planOf(scene, `SetOutputFilter DEFLATE\n${bare(scene)}`),
  },
  {
    name: 'naive, idle limit 10 s',
    idle: 14_000,
    expect: { transport: 'sse', flickers: 2 },
    plan: (scene) => planOf(scene, `ProxyTimeout 10\n${bare(scene)}`),
  },
  {
    name: 'documented, idle limit 10 s',
    idle: 14_000,
    expect: { transport: 'websocket', flickers: 2 },
    plan: (scene) => planOf(scene, `ProxyTimeout 10\n${documented(scene)}`),
  },
  {
    name: 'naive, bodies up to 8 KB',
    expect: { transport: 'sse' },
    large: 100_000,
    plan: (scene) => planOf(scene, `LimitRequestBody 8192\n${bare(scene)}`),
  },
  {
    name: 'documented, prefix stripped',
    expect: { transport: 'websocket' },
    address: { path: '/app/' },
    plan: (scene) => planOf(scene, documented(scene, { 'ProxyPass        /': 'ProxyPass /app/' })),
  },
  {
    name: 'documented, IPv6',
    expect: { transport: 'websocket' },
    address: { host: '[::1]' },
    plan: (scene) => planOf(scene, documented(scene), { host: '[::1]' }),
  },
  {
    name: 'documented, reload (graceful)',
    expect: { transport: 'websocket', flickers: 2 },
    incident: 'reload',
    plan: (scene) => planOf(scene, documented(scene)),
  },
  {
    name: 'documented, restart of httpd',
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
]

export const apache: Proxy = { name: 'Apache', program: PROGRAM, configurations }
