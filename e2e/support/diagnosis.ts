/** A diagnosis of a site behind the fault proxy, made in a page that came through it. */
import type { DiagnoseOptions, Report } from '../../src/diagnose/types.ts'
import type { TransportName } from '../../src/types.ts'
import { startFaultProxy } from '../faults/proxy.mjs'
import type { FaultProxy } from 'rungs-faults'
import type { Plain } from './tab.ts'
import { test as base } from './test.ts'
import { until } from './until.ts'

declare global {
  interface Window {
    diagnose: (url?: string, options?: DiagnoseOptions) => Promise<Report>
  }
}

const PAGE = '/diagnosis.html'
const HTML =
  '<!doctype html><meta charset="utf-8"><link rel="icon" href="data:,"><title>Diagnosis</title><body>' +
  `<script type="module">import { diagnose } from '/dist/diagnose.min.mjs'; window.diagnose = diagnose</script>`

/** Options that go through JSON. */
export type PlainOptions = Pick<DiagnoseOptions, 'deadline' | 'silence'> & {
  readonly transports?: readonly TransportName[]
}

export interface Diagnosis {
  readonly proxy: FaultProxy
  /** Sessions that the application has been told of, and that it was told the end of. */
  readonly sessions: { opened: number; closed: number }
  /** Messages that the application got: there must be none. */
  readonly messages: unknown[]
  run(options?: PlainOptions): Promise<Report>
}

export const test = base.extend<{ diagnosis: Diagnosis }>({
  diagnosis: async ({ site, tab }, use) => {
    const sessions = { opened: 0, closed: 0 }
    const messages: unknown[] = []
    site.hub.onOpen(() => void sessions.opened++)
    site.hub.onClose(() => void sessions.closed++)
    site.hub.onMessage((data) => void messages.push(data))
    site.page(PAGE, HTML)
    const proxy = await startFaultProxy({ upstream: site.origin })
    await tab.goto(proxy.url + PAGE)
    await until('the page has its script', () => tab.run(() => 'diagnose' in window))
    await use({
      proxy,
      sessions,
      messages,
      run: (options = {}) =>
        tab.run((given) => window.diagnose('/rungs', given as DiagnoseOptions), options as Plain),
    })
    await proxy.close()
  },
})

export { expect } from '@playwright/test'
