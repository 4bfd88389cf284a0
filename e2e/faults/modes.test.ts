import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { chance } from './chance.mjs'
import { FaultState } from './faults.mjs'
import { MODES, settings } from './modes.mjs'

test('true stands for the defaults, a bare value for the first parameters', () => {
  expect(settings('reject-websocket', true)).toEqual({ status: 403 })
  expect(settings('reject-websocket', 502)).toEqual({ status: 502 })
  expect(settings('delay', 50)).toEqual({ up: 50, down: 50, handshake: true })
  expect(settings('delay', { down: 20 })).toEqual({ up: 0, down: 20, handshake: true })
  expect(settings('bandwidth', { up: 1000 })).toEqual({ up: 1000 })
  expect(settings('kill-websocket', { idle: 30_000 })).toEqual({ idle: 30_000 })
  expect(settings('lose-answers', 'reset')).toMatchObject({
    then: 'reset',
    rate: 1,
    times: Infinity,
  })
  expect(settings('only', '/rungs')).toEqual({ path: '/rungs' })
})

test('false and undefined turn a mode off', () => {
  expect(settings('delay', false)).toBe(undefined)
  expect(settings('delay', undefined)).toBe(undefined)
})

test('mistakes are errors that say what to do', () => {
  expect(() => settings('delays', 1)).toThrow('No mode "delays". There are: delay, jitter')
  expect(() => settings('delay', { upp: 1 })).toThrow(
    '"delay" has no parameter "upp", but: up, down, handshake',
  )
  expect(() => settings('delay', { up: '1' })).toThrow(
    '"delay.up" must be a number from 0 on, not 1',
  )
  expect(() => settings('delay', -1)).toThrow('"delay.up" must be a number from 0 on, not -1')
  expect(() => settings('delay', Number.NaN)).toThrow('not NaN')
  expect(() => settings('kill-websocket', true)).toThrow(
    '"kill-websocket" needs at least one of: age, idle',
  )
  expect(() => settings('strip-websocket', 3)).toThrow(
    '"strip-websocket" has no parameters: give true or false',
  )
  expect(() => settings('lose-answers', { then: 'cry' })).toThrow(
    '"lose-answers.then" must be hang or reset, not cry',
  )
})

test('every mode says what it does, and so does every parameter', () => {
  for (const { about, parameters } of Object.values(MODES))
    expect([about, ...Object.values(parameters).map((parameter) => parameter.about)]).not.toContain(
      '',
    )
})

test('the list at the top of proxy.mjs is the list of modes', async () => {
  const source = await readFile(new URL('./proxy.mjs', import.meta.url), 'utf8')
  const [list = ''] = /(?<=modes\.mjs`:\n)[^]*?(?=\n \* and)/.exec(source) ?? []
  const listed = list.split(/\n \* {5}(?=\w)/).flatMap((line) => {
    const [on, ...names] = line.match(/[\w.-]+/g) ?? []
    return names.map((name) => [name, on])
  })
  expect(Object.fromEntries(listed)).toEqual(
    Object.fromEntries(Object.entries(MODES).map(([name, { on }]) => [name, on])),
  )
})

test('modes add up, change one by one, and a mistake changes none', () => {
  const faults = new FaultState(chance(1))
  faults.set({ delay: 10, 'strip-websocket': true })
  faults.set({ delay: 20 })
  expect(() => faults.set({ delay: 30, jitter: -1 })).toThrow('jitter.up')
  expect(faults.get('delay')?.up).toBe(20)
  expect(faults.get('strip-websocket')).toEqual({})
  faults.set({ delay: false })
  expect(faults.get('delay')).toBe(undefined)
  faults.clear()
  expect(faults.get('strip-websocket')).toBe(undefined)
})

test('only: other paths are left alone, the line excepted', () => {
  const faults = new FaultState(chance(1))
  faults.set({ only: '/rungs', delay: 10, 'buffer-streams': true })
  expect(faults.get('buffer-streams', '/rungs/stream')).toEqual({ headers: false })
  expect(faults.get('buffer-streams', '/page.html')).toBe(undefined)
  expect(faults.get('delay', '/page.html')?.up).toBe(10)
})

test('times counts strikes from the moment the mode is set', () => {
  const faults = new FaultState(chance(1))
  faults.set({ 'lose-answers': { times: 2 } })
  const strikes = () => [1, 2, 3].map(() => faults.strike('lose-answers', '/') !== undefined)
  expect(strikes()).toEqual([true, true, false])
  faults.set({ 'lose-answers': { times: 1 } })
  expect(strikes()).toEqual([true, false, false])
})

test('rate draws from the seed: the same strikes in every run', () => {
  const draw = (seed: number): string => {
    const faults = new FaultState(chance(seed))
    faults.set({ 'lose-answers': { rate: 0.3 } })
    return Array.from({ length: 1000 }, () =>
      faults.strike('lose-answers', '/') ? 'x' : '.',
    ).join('')
  }
  expect(draw(7)).toBe(draw(7))
  expect(draw(7)).not.toBe(draw(8))
  const share = draw(7).split('x').length / 1000
  expect(share).toBeGreaterThan(0.25)
  expect(share).toBeLessThan(0.35)
})
