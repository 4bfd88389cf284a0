/** Starts a server before the tests, and tells them where it is. */
import type { TestProject } from 'vitest/node'
import type { RedisAccess } from './connect.ts'
import { startRedis } from './server.ts'

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const server = await startRedis(process.env.REDIS_SERVER ?? 'redis-server')
  project.provide('redis', { port: server.port, library: project.name as RedisAccess['library'] })
  return () => server.stop()
}
