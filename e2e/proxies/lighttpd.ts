/** lighttpd: buffers every stream unless it is told otherwise. */
import { snippet } from './snippets.ts'
import type { Plan, Proxy, Scene } from './types.ts'

const PROGRAM = '/usr/sbin/lighttpd'

const planOf = ({ folder, port, servers: [server = ''] }: Scene, text: string): Plan => {
  const [, serverPort] = server.split(':')
  return {
    program: PROGRAM,
    files: {
      'lighttpd.conf': `
server.document-root = "${folder}"
server.bind = "127.0.0.1"
server.port = ${port}
${text.replace('8080', serverPort!)}`,
    },
    args: ['-D', '-f', `${folder}/lighttpd.conf`],
  }
}

const BARE = `
server.modules += ( "mod_proxy" )
proxy.server = ( "" => (( "host" => "127.0.0.1", "port" => 8080 )) )
`

export const lighttpd: Proxy = {
  name: 'lighttpd',
  program: PROGRAM,
  configurations: [
    {
      name: 'naive',
      expect: { transport: 'long-poll' },
      large: 900_000,
      plan: (scene) => planOf(scene, BARE),
    },
    {
      name: 'documented',
      expect: { transport: 'websocket' },
      large: 900_000,
      plan: (scene) => planOf(scene, snippet('lighttpd', {})),
    },
  ],
}
