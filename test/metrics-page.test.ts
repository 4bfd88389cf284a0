/** The snippets of docs/metrics.md, as they stand there. */
import { createServer } from 'node:http'
import { pathToFileURL } from 'node:url'
import { metrics } from '@opentelemetry/api'
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics'
import { attach, type Hub, type Metrics } from '@rungs/server'
import { expect, onTestFinished, test } from 'vitest'
import { readPage, readSnippet, writeModule } from './support/snippet.ts'

/** A snippet as a module: a function of the hub that answers one of its names. */
async function run(name: string, hub: Hub, answer: string): Promise<unknown> {
  const snippet = readSnippet('metrics.md', name)
  const imports = snippet.match(/^import .*$/gm)!.join('\n')
  const body = snippet.replace(/^import .*$/gm, '')
  const file = writeModule(
    name,
    `${imports}\nexport default (hub) => {\n${body}\nreturn ${answer}\n}\n`,
  )
  const { default: call } = (await import(pathToFileURL(file).href)) as {
    default(hub: Hub): unknown
  }
  return call(hub)
}

function startHub(): Hub {
  const hub = attach(createServer())
  onTestFinished(() => hub.close())
  return hub
}

test('Prometheus gets every metric', async () => {
  const hub = startHub()
  await hub.broadcast('one')
  const metricsPage = (await run('prometheus', hub, 'metricsPage')) as () => Promise<string>
  const text = await metricsPage()
  expect(text).toContain('rungs{metric="sent",kind=""} 1\n')
  expect(text).toContain('rungs{metric="carriers",kind="long-poll"} 0\n')
})

test('OpenTelemetry gets every metric', async () => {
  const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE)
  const reader = new PeriodicExportingMetricReader({ exporter })
  const provider = new MeterProvider({ readers: [reader] })
  onTestFinished(() => provider.shutdown())
  metrics.setGlobalMeterProvider(provider)
  const hub = startHub()
  await hub.broadcast('one')
  await run('opentelemetry', hub, 'gauge')
  await provider.forceFlush()
  const points = exporter
    .getMetrics()
    .flatMap(({ scopeMetrics }) => scopeMetrics)
    .flatMap((scope) => scope.metrics)
    .flatMap(({ dataPoints }) => dataPoints as { attributes: object; value: number }[])
  expect(points).toContainEqual(
    expect.objectContaining({ attributes: { metric: 'sent', kind: '' }, value: 1 }),
  )
  expect(points.length).toBeGreaterThan(8)
})

test('every metric is explained, and none that is not there', () => {
  const hub = startHub()
  const known: Metrics = hub.metrics()
  const explained = [
    ...readPage('metrics.md').matchAll(/^\| (`.+?`) \| (?:gauge|counter)/gm),
  ].flatMap(([, names]) => [...names!.matchAll(/`([\w.]+)`/g)].map(([, name]) => name!))
  const store = ['store.calls', 'store.failures', 'store.seconds', 'store.slowest']
  expect(explained.sort()).toEqual([...Object.keys(known), ...store].sort())
})
