/** Plain Node takes the packages by `import` and by `require`. */
import { beforeAll, describe, expect, test } from 'vitest'
import { createProject, type Project } from './project.ts'

describe('in Node', () => {
  let project: Project
  beforeAll(async () => {
    project = await createProject('node', ['rungs', '@rungs/server', 'rungs-faults'])
  })

  test.each(['client.mjs', 'client.cjs'])(
    'the client loads, has one RungsError, and says that Node is no page: %s',
    async (file) => {
      expect(await project.run('node', file)).toBe(`${file} is done\n`)
    },
  )

  test.each(['server.mjs', 'server.cjs'])(
    'the server makes sessions, and finds its own files: %s',
    async (file) => {
      expect(await project.run('node', file)).toBe(`${file} is done\n`)
    },
  )

  test('the fault proxy has its command, and its module', async () => {
    expect(await project.run('rungs-faults', '--help')).toContain('never-answer-websocket')
    const load =
      "import('rungs-faults').then(({ startFaultProxy }) => console.log(typeof startFaultProxy))"
    expect(await project.run('node', '--eval', load)).toBe('function\n')
  })
})
