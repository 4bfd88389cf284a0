/** h2o: WebSockets pass with one line. */
import { snippet } from './snippets.ts'
import type { Plan, Proxy, Scene } from './types.ts'

const PROGRAM = '/usr/bin/h2o'

const planOf = ({ folder }: Scene, text: string): Plan => ({
  program: PROGRAM,
  files: { 'h2o.conf': `user: root\n${text}` },
  args: ['-c', `${folder}/h2o.conf`],
})

const bare = ({ port, servers }: Scene): string => `
listen:
  host: 127.0.0.1
  port: ${port}
hosts:
  default:
    paths:
      /:
        proxy.reverse.url: http://${servers[0]}/
`

const documented = ({ port, servers, certificate }: Scene, tls = false): string =>
  snippet('h2o', {
    'port: 80\n': `host: 127.0.0.1\n  port: ${port}\n${
      tls
        ? `  ssl:\n    certificate-file: ${certificate.cert}\n    key-file: ${certificate.key}\n`
        : ''
    }`,
    '127.0.0.1:8080': servers[0]!,
  })

export const h2o: Proxy = {
  name: 'h2o',
  program: PROGRAM,
  configurations: [
    {
      name: 'naive',
      expect: { transport: 'sse' },
      large: 900_000,
      plan: (scene) => planOf(scene, bare(scene)),
    },
    {
      name: 'documented',
      expect: { transport: 'websocket' },
      large: 900_000,
      plan: (scene) => planOf(scene, documented(scene)),
    },
    {
      name: 'documented, TLS and HTTP/2',
      expect: { transport: 'websocket' },
      address: { scheme: 'https' },
      plan: (scene) => planOf(scene, documented(scene, true)),
    },
  ],
}
