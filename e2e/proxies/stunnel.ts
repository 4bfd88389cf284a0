/** stunnel: TLS in front of bytes that it does not read, with an idle limit of its own. */
import { replaceTexts, snippet } from './snippets.ts'
import type { Plan, Proxy, Scene } from './types.ts'

const PROGRAM = '/usr/bin/stunnel4'

const planOf = (
  { folder, port, servers, certificate }: Scene,
  texts: Record<string, string> = {},
): Plan => {
  const text = snippet('stunnel', {
    'accept = 443': `accept = 127.0.0.1:${port}`,
    '127.0.0.1:8080': servers[0]!,
    '/etc/ssl/private/app.pem': certificate.both,
  })
  return {
    program: PROGRAM,
    files: { 'stunnel.conf': `foreground = yes\npid =\n${replaceTexts(text, texts)}` },
    args: [`${folder}/stunnel.conf`],
  }
}

export const stunnel: Proxy = {
  name: 'stunnel',
  program: PROGRAM,
  configurations: [
    {
      name: 'documented, which is also the naive one',
      expect: { transport: 'websocket' },
      address: { scheme: 'https' },
      large: 900_000,
      plan: (scene) => planOf(scene),
    },
    {
      name: 'idle limit 10 s',
      idle: 14_000,
      expect: { transport: 'websocket', flickers: 2 },
      address: { scheme: 'https' },
      plan: (scene) => planOf(scene, { 'TIMEOUTidle = 43200': 'TIMEOUTidle = 10' }),
    },
  ],
}
