/** A proxy's process: its folder and port, start, reload, restart, and end by its own process id. */
import type { SpawnOptions } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { start, type Child } from '../support/process.ts'
import { until } from '../support/until.ts'
import type { Plan, Running, Scene } from './types.ts'

/** Milliseconds for the first connection: Traffic Server prepares its cache first. */
const START = 30_000

const accepts = async (port: number, host: string): Promise<boolean> => {
  const socket = connect(port, host)
  try {
    await once(socket, 'connect')
    return true
  } catch {
    // Refused: it does not listen yet.
    return false
  } finally {
    socket.destroy()
  }
}

/** A program and the workers that it starts, none of which outlives this process. */
function ownGroup(program: string, args: readonly string[], options: SpawnOptions): Child {
  // Leader of a process group: a master that is killed would leave its workers behind.
  const child = start(program, args, { ...options, detached: true })
  const { pid } = child.process
  const killGroup = (): void => {
    try {
      if (pid) process.kill(-pid, 'SIGKILL')
    } catch {
      // Nobody is left of the group.
    }
  }
  process.once('exit', killGroup)
  return {
    ...child,
    async stop() {
      await child.stop()
      process.off('exit', killGroup)
      killGroup()
    },
  }
}

/** Starts the program, and returns when it accepts connections. */
async function launch(
  { program, env }: Plan,
  args: readonly string[],
  { folder, port }: Scene,
  host: string,
): Promise<Child> {
  const child = ownGroup(program, args, {
    cwd: folder,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  const open = async (): Promise<unknown> => child.ended() ?? (await accepts(port, host))
  await until(`${program} accepts connections`, open, { timeout: START, interval: 100 })
  const end = child.ended()
  if (end) throw new Error(end)
  return child
}

/** Runs a proxy. `host` is the loopback address that it listens at. */
export async function run(plan: Plan, scene: Scene, host: string): Promise<Running> {
  for (const [name, text] of Object.entries(plan.files))
    writeFileSync(join(scene.folder, name), text)
  let child = await launch(plan, plan.args, scene, host)
  return {
    get child() {
      return child
    },
    async reload() {
      const { reload } = plan
      const { pid } = child.process
      if (!reload || !pid) throw new Error(`${plan.program} cannot reload`)
      if (typeof reload === 'string') child.process.kill(reload)
      else {
        const old = child
        child = await launch(plan, [...plan.args, ...reload(pid)], scene, host)
        // Connections that were open may keep the old process for as long as they live.
        const { stop } = child
        child = { ...child, stop: () => Promise.all([stop(), old.stop()]).then(() => {}) }
      }
    },
    async restart() {
      await child.stop()
      child = await launch(plan, plan.args, scene, host)
    },
    stop: () => child.stop(),
  }
}
