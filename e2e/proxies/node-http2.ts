/** Nothing in between: Node's own `http2` with `allowHTTP1`, where `:authority` counts as `Host`. */
import type { Proxy } from './types.ts'

export const nodeHttp2: Proxy = {
  name: 'Node',
  program: null,
  configurations: [
    {
      name: 'its own `http2`, with `allowHTTP1`',
      quick: true,
      browsers: ['chromium', 'firefox'],
      expect: { transport: 'websocket' },
      large: 900_000,
    },
  ],
}
