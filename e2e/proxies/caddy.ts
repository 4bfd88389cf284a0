/** Caddy: its one-line reverse proxy carries everything. */
import { replaceTexts, snippet } from './snippets.ts'
import type { Configuration, Plan, Proxy, Scene } from './types.ts'

const PROGRAM = '/usr/bin/caddy'

/** Nothing outside of its folder: no admin port, no authority in the user's home. */
const planOf = ({ folder }: Scene, text: string): Plan => ({
  program: PROGRAM,
  files: { Caddyfile: `{\n  admin off\n  auto_https off\n}\n${text}` },
  args: ['run', '--config', `${folder}/Caddyfile`],
  env: { XDG_DATA_HOME: folder, XDG_CONFIG_HOME: folder, HOME: folder },
})

const documented = (
  { port, servers, certificate }: Scene,
  { tls = false, texts = {} }: { tls?: boolean; texts?: Record<string, string> } = {},
): string => {
  const scheme = tls ? 'https' : 'http'
  const own = {
    'app.example {': tls
      ? `${scheme}://127.0.0.1:${port} {\n  tls ${certificate.cert} ${certificate.key}`
      : `${scheme}://127.0.0.1:${port} {`,
    '127.0.0.1:8080': servers[0]!,
  }
  return replaceTexts(snippet('caddy', own), texts)
}

const configurations: readonly Configuration[] = [
  {
    name: 'documented, which is also the naive one',
    expect: { transport: 'websocket' },
    large: 900_000,
    plan: (scene) => planOf(scene, documented(scene)),
  },
  {
    name: 'documented, TLS and HTTP/2',
    expect: { transport: 'websocket' },
    address: { scheme: 'https' },
    plan: (scene) => planOf(scene, documented(scene, { tls: true })),
  },
  {
    name: 'documented, `encode gzip`',
    expect: { transport: 'websocket' },
    plan: (scene) =>
      planOf(
        scene,
        documented(scene, { texts: { reverse_proxy: 'encode gzip\n  reverse_proxy' } }),
      ),
  },
  {
    name: 'documented, `encode gzip`, without WebSocket',
    expect: { transport: 'sse' },
    plan: (scene) =>
      planOf(
        scene,
        documented(scene, {
          texts: {
            reverse_proxy:
              'encode gzip\n  @ws header Upgrade websocket\n  respond @ws 403\n  reverse_proxy',
          },
        }),
      ),
  },
  {
    name: 'documented, restart of Caddy',
    expect: { transport: 'websocket', flickers: 1 },
    incident: 'restart of the proxy',
    plan: (scene) => planOf(scene, documented(scene)),
  },
]

export const caddy: Proxy = { name: 'Caddy', program: PROGRAM, configurations }
