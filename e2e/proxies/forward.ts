/** Proxies that a browser is told to use, as in companies: those that read, and those that tunnel by CONNECT. */
import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import type { Configuration, Plan, Proxy, Scene } from './types.ts'

/** Ports that Debian's configurations allow for CONNECT, which is how a browser asks for a WebSocket. */
const DEFAULT_PORTS = [443, 563]

/** The same site over plain http, over TLS, and over plain http where CONNECT reaches any port. */
const over = (
  plan: (scene: Scene, anyPort: boolean) => Plan,
  expect: { http: Configuration['expect']; any: Configuration['expect'] },
): readonly Configuration[] => [
  { name: 'http', forward: true, expect: expect.http, plan: (scene) => plan(scene, false) },
  {
    name: 'http, CONNECT to any port',
    forward: true,
    expect: expect.any,
    plan: (scene) => plan(scene, true),
  },
  {
    name: 'https, by CONNECT',
    forward: true,
    address: { scheme: 'https' },
    expect: { transport: 'websocket' },
    plan: (scene) => plan(scene, true),
  },
]

const SQUID = '/usr/sbin/squid'
const CERTGEN = '/usr/lib/squid/security_file_certgen'

function squidPlan({ folder, port }: Scene, listen: string, more: string): Plan {
  return {
    program: SQUID,
    files: {
      'squid.conf': `
http_port 127.0.0.1:${port} ${listen}
${more}
http_access allow all
cache deny all
access_log none
cache_log ${folder}/cache.log
pid_filename ${folder}/squid.pid
coredump_dir ${folder}
shutdown_lifetime 0 seconds
`,
    },
    // The name of the service keeps the shared memory of two Squids apart.
    args: ['-N', '-n', `rungs${port}`, '-f', `${folder}/squid.conf`],
  }
}

const squidTunnel = (scene: Scene, anyPort: boolean): Plan =>
  squidPlan(
    scene,
    '',
    anyPort
      ? ''
      : `acl tls_ports port ${DEFAULT_PORTS.join(' ')}\nhttp_access deny CONNECT !tls_ports`,
  )

/** Reads what is in the tunnel, with an authority of its own. */
function squidBump(scene: Scene): Plan {
  const { folder, certificate } = scene
  const database = join(folder, 'certificates')
  execFileSync(CERTGEN, ['-c', '-s', database, '-M', '4MB'], { stdio: 'ignore' })
  // Squid, and the program that signs, work as another user.
  execFileSync('chmod', ['-R', 'a+rwX', folder])
  return squidPlan(
    scene,
    `ssl-bump tls-cert=${certificate.both} generate-host-certificates=on`,
    `sslcrtd_program ${CERTGEN} -s ${database} -M 4MB
ssl_bump bump all
tls_outgoing_options flags=DONT_VERIFY_PEER
sslproxy_cert_error allow all`,
  )
}

export const squid: Proxy = {
  name: 'Squid',
  program: SQUID,
  configurations: [
    ...over(squidTunnel, { http: { transport: 'sse' }, any: { transport: 'websocket' } }),
    {
      name: 'https, read by ssl-bump',
      forward: true,
      address: { scheme: 'https' },
      expect: { transport: 'sse' },
      plan: squidBump,
    },
  ],
}

const PRIVOXY = '/usr/sbin/privoxy'

const privoxyPlan = ({ folder, port }: Scene, anyPort: boolean): Plan => ({
  program: PRIVOXY,
  files: {
    config: `
confdir ${folder}
logdir ${folder}
actionsfile site.action
listen-address 127.0.0.1:${port}
keep-alive-timeout 300
socket-timeout 300
`,
    'site.action': `{ +limit-connect{${anyPort ? '1-' : DEFAULT_PORTS.join(',')}} }\n/\n`,
  },
  args: ['--no-daemon', `${folder}/config`],
})

export const privoxy: Proxy = {
  name: 'Privoxy',
  program: PRIVOXY,
  configurations: over(privoxyPlan, {
    http: { transport: 'sse' },
    any: { transport: 'websocket' },
  }),
}

const TINYPROXY = '/usr/bin/tinyproxy'

const tinyproxyPlan = ({ folder, port }: Scene, anyPort: boolean): Plan => ({
  program: TINYPROXY,
  files: {
    'tinyproxy.conf': `
Port ${port}
Listen 127.0.0.1
Allow 127.0.0.1
LogFile "${folder}/log"
LogLevel Error
MaxClients 100
Timeout 600
${anyPort ? '' : DEFAULT_PORTS.map((each) => `ConnectPort ${each}`).join('\n')}
`,
  },
  args: ['-d', '-c', `${folder}/tinyproxy.conf`],
})

export const tinyproxy: Proxy = {
  name: 'Tinyproxy',
  program: TINYPROXY,
  configurations: over(tinyproxyPlan, {
    http: { transport: 'sse' },
    any: { transport: 'websocket' },
  }),
}

const MITMPROXY = '/usr/bin/mitmdump'

const mitmproxyPlan = ({ folder, port }: Scene): Plan => ({
  program: MITMPROXY,
  files: {},
  args: [
    ...['-q', '--listen-host', '127.0.0.1', '-p', String(port)],
    ...['--set', `confdir=${folder}`, '--ssl-insecure'],
  ],
})

export const mitmproxy: Proxy = {
  name: 'mitmproxy',
  program: MITMPROXY,
  configurations: [
    { name: 'http', forward: true, expect: { transport: 'websocket' }, plan: mitmproxyPlan },
    {
      name: 'https, read',
      forward: true,
      address: { scheme: 'https' },
      expect: { transport: 'websocket' },
      plan: mitmproxyPlan,
    },
  ],
}
