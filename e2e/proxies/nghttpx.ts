/** nghttpx: everything on its command line, WebSocket over HTTP/2 included. */
import { snippet } from './snippets.ts'
import type { Configuration, Plan, Proxy, Scene } from './types.ts'

const PROGRAM = '/usr/sbin/nghttpx'

const planOf = ({ folder, certificate }: Scene, text: string): Plan => ({
  program: PROGRAM,
  files: { 'nghttpx.conf': `workers=1\n${text}` },
  args: [`--conf=${folder}/nghttpx.conf`, certificate.key, certificate.cert],
})

const documented = (scene: Scene, tls = false): string =>
  snippet('nghttpx', {
    'frontend=*,80;no-tls': `frontend=127.0.0.1,${scene.port}${tls ? '' : ';no-tls'}`,
    '127.0.0.1,8080': scene.servers[0]!.replace(':', ','),
  })

const configurations: readonly Configuration[] = [
  {
    name: 'documented, which is also the naive one',
    expect: { transport: 'websocket' },
    large: 900_000,
    plan: (scene) => planOf(scene, documented(scene)),
  },
  {
    name: 'documented, TLS, WebSocket over HTTP/2',
    expect: { transport: 'websocket' },
    address: { scheme: 'https' },
    plan: (scene) => planOf(scene, documented(scene, true)),
  },
  {
    name: 'documented, idle limit 10 s',
    idle: 14_000,
    expect: { transport: 'websocket', flickers: 2 },
    plan: (scene) =>
      planOf(
        scene,
        `backend-read-timeout=10s\nbackend-write-timeout=10s\nfrontend-read-timeout=10s\n${documented(scene)}`,
      ),
  },
]

export const nghttpx: Proxy = { name: 'nghttpx', program: PROGRAM, configurations }
