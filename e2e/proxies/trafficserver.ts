/** Traffic Server: a bare `map` rewrites `Host`, and carries WebSockets. */
import { chmodSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { snippet } from './snippets.ts'
import type { Plan, Proxy, Scene } from './types.ts'

const PROGRAM = '/usr/bin/traffic_server'

const FOLDERS = ['etc', 'run', 'log', 'cache']

/** A layout of its own: the programs are Debian's, everything that is written is in the folder of the proxy. */
const planOf = ({ folder, port }: Scene, remap: string, records = ''): Plan => {
  const [etc = '', runtime, log, cache] = FOLDERS.map((name) => join(folder, name))
  for (const name of FOLDERS) mkdirSync(join(folder, name))
  chmodSync(folder, 0o777)
  for (const name of FOLDERS) chmodSync(join(folder, name), 0o777)
  return {
    program: PROGRAM,
    files: {
      'runroot.yaml': `
prefix: /usr
exec_prefix: /usr
bindir: /usr/bin
sbindir: /usr/sbin
sysconfdir: ${etc}
datadir: ${cache}
includedir: /usr/include
libdir: /usr/lib/trafficserver
libexecdir: /usr/lib/trafficserver/modules
localstatedir: ${runtime}
runtimedir: ${runtime}
logdir: ${log}
cachedir: ${cache}
`,
      'etc/remap.config': remap,
      'etc/storage.config': `${cache} 16M\n`,
      'etc/ip_allow.yaml':
        'ip_allow:\n  - {apply: in, ip_addrs: 127.0.0.1, action: allow, methods: ALL}\n',
      'etc/records.config': `
CONFIG proxy.config.admin.user_id STRING nobody
CONFIG proxy.config.http.server_ports STRING ${port}:ip-in=127.0.0.1
CONFIG proxy.config.exec_thread.autoconfig INT 0
CONFIG proxy.config.exec_thread.limit INT 1
${records}`,
    },
    args: [`--run-root=${folder}/runroot.yaml`],
  }
}

const documented = ({ port, servers }: Scene): string =>
  snippet('trafficserver', {
    'app.example': `127.0.0.1:${port}`,
    '127.0.0.1:8080': servers[0]!,
  })

export const trafficserver: Proxy = {
  name: 'Traffic Server',
  program: PROGRAM,
  configurations: [
    {
      name: 'naive',
      expect: { transport: 'websocket' },
      large: 900_000,
      plan: (scene) => planOf(scene, `map / http://${scene.servers[0]}/\n`),
    },
    {
      name: 'documented',
      expect: { transport: 'websocket' },
      large: 900_000,
      plan: (scene) =>
        planOf(scene, documented(scene), 'CONFIG proxy.config.url_remap.pristine_host_hdr INT 1'),
    },
  ],
}
