/** All proxies, in the order of the table. */
import { apache } from './apache.ts'
import { caddy } from './caddy.ts'
import { mitmproxy, privoxy, squid, tinyproxy } from './forward.ts'
import { h2o } from './h2o.ts'
import { haproxy } from './haproxy.ts'
import { lighttpd } from './lighttpd.ts'
import { nghttpx } from './nghttpx.ts'
import { nginx } from './nginx.ts'
import { nodeHttp2 } from './node-http2.ts'
import { stunnel } from './stunnel.ts'
import { trafficserver } from './trafficserver.ts'
import type { Proxy } from './types.ts'
import { varnish } from './varnish.ts'

const reverse = [
  nginx,
  haproxy,
  apache,
  varnish,
  lighttpd,
  caddy,
  h2o,
  nghttpx,
  trafficserver,
  stunnel,
  nodeHttp2,
]

export const PROXIES: readonly Proxy[] = [...reverse, squid, privoxy, tinyproxy, mitmproxy]
