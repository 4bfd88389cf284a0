/** Test runners load the packages: Jest 29 as CommonJS, Vitest as modules. */
import { expect, test } from 'vitest'
import { createProject } from './project.ts'

test('Jest 29 requires the client and the server, and jsdom carries messages between them', async () => {
  const project = await createProject('jest', [
    ...['rungs', '@rungs/server'],
    ...['jest@29', 'jest-environment-jsdom@29'],
  ])
  const { status, output } = await project.attempt('jest')
  expect(status, output).toBe(0)
  expect(output).toMatch(/^Tests: +4 passed, 4 total$/m)
})

test('Vitest imports the client and the server', async () => {
  const project = await createProject('vitest', ['rungs', '@rungs/server', 'vitest@4'])
  const { status, output } = await project.attempt('vitest', 'run', '--no-color')
  expect(status, output).toBe(0)
  expect(output).toMatch(/Tests +3 passed \(3\)/)
})
