/** All proxies, in the order of the table. */
import { apache } from './apache.ts'
import { haproxy } from './haproxy.ts'
import { nginx } from './nginx.ts'
import type { Proxy } from './types.ts'

export const PROXIES: readonly Proxy[] = [nginx, haproxy, apache]
