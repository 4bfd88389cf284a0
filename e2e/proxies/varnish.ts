/** Varnish, with its built-in VCL, and with the pipe for upgrades. */
import { snippet } from './snippets.ts'
import type { Plan, Proxy, Scene } from './types.ts'

const PROGRAM = '/usr/sbin/varnishd'

const planOf = ({ folder, port }: Scene, vcl: string): Plan => ({
  program: PROGRAM,
  files: { 'site.vcl': vcl },
  args: [
    ...['-F', '-n', folder, '-a', `127.0.0.1:${port}`, '-f', `${folder}/site.vcl`],
    ...['-s', 'malloc,16m', '-T', 'none', '-j', 'none'],
  ],
})

const bare = ({ servers: [server = ''] }: Scene): string => {
  const [host, port] = server.split(':')
  return `vcl 4.1;\nbackend default { .host = "${host}"; .port = "${port}"; }\n`
}

const documented = ({ servers: [server = ''] }: Scene): string => {
  const [host, port] = server.split(':')
  return snippet('varnish', { '127.0.0.1': host!, '8080': port! })
}

export const varnish: Proxy = {
  name: 'Varnish',
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
      name: 'documented, restart of the server',
      expect: { transport: 'websocket', resets: 1, flickers: 1 },
      incident: 'restart of the server',
      plan: (scene) => planOf(scene, documented(scene)),
    },
  ],
}
