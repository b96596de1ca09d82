// scop up: the bottle in the foreground. The first Ctrl-C drains it, the second kills it.

import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { type Home, type RunningBottle, startBottle } from '@scop/bottle/home'
import { Command } from 'commander'
import { EXIT, Failure } from './failure.ts'
import { printable } from './printable.ts'
import { isRunning, type OpenedHome, openHomeOrFail } from './running-bottle.ts'
import { act, examples, type Session } from './session.ts'
import type { Terminal } from './terminal.ts'
import { checkPorts } from './ports.ts'

export function upCommand(terminal: Terminal): Command {
  return new Command('up')
    .description('start the bottle and stay in the foreground; Ctrl-C drains it, a second Ctrl-C kills it')
    .addHelpText('after', examples('scop up', 'scop --home /srv/mail up', 'SCOP_HOME=/srv/mail scop up --json'))
    .action(
      act(terminal, async (session) => {
        const opened = await openHomeOrFail(session.home)
        const bottle = await startOrFail(opened, session)
        session.answer(
          { up: opened.configuration.bottle, pid: bottle.pid },
          `Bottle ${opened.configuration.bottle} is up. Ctrl-C stops it.`,
        )
        await untilStopped(session, bottle)
      }),
    )
}

/**
 * Starts the bottle; throws `Failure` where it runs already, a port is taken, a service cannot start, or somebody
 * presses Ctrl-C meanwhile.
 */
export async function startOrFail(opened: OpenedHome, session: Session): Promise<RunningBottle> {
  let interrupted = false
  const forget = session.terminal.onInterrupt(() => {
    interrupted = true
    void stopStarting(opened.home)
  })
  try {
    return await startBottleOrFail(opened, (service, state) => session.say(`  ${service}: ${printable(state)}`))
  } catch (error) {
    if (interrupted) throw new Failure('interrupted', 'Interrupted', { exit: EXIT.interrupted })
    throw error
  } finally {
    forget()
  }
}

/** As `startOrFail`, without a terminal. */
export async function startBottleOrFail(
  { home, configuration }: OpenedHome,
  onProgress: (service: string, state: string) => void,
): Promise<RunningBottle> {
  await refuseIfRunning(home)
  await checkPorts(configuration)
  const started = await startBottle(home, { main: supervisorMain(), onProgress })
  if (started.ok) return started.value
  throw new Failure('cannot-start', `Cannot start the bottle: ${printable(started.error.reason)}`, {
    next: `scop --home ${home.directory} logs`,
  })
}

/** A supervisor that is still starting is known by its pid file alone. */
async function stopStarting(home: Home): Promise<void> {
  const pid = Number(await readFile(home.pidFile, 'utf8').catch(() => ''))
  if (Number.isInteger(pid) && pid > 1) process.kill(pid, 'SIGTERM')
}

export async function refuseIfRunning(home: Home): Promise<void> {
  if (await isRunning(home))
    throw new Failure('already-running', `The bottle in ${home.directory} is running already`, {
      next: 'scop status shows it; scop stop ends it',
    })
}

/** Until the bottle ends by itself (a failure) or by Ctrl-C. */
export async function untilStopped(session: Session, bottle: RunningBottle): Promise<void> {
  let asked = 0
  const forget = session.terminal.onInterrupt(() => {
    asked++
    if (asked === 1) {
      session.terminal.errors.write('\nStopping: what is under way is finished first. Ctrl-C again kills.\n')
      void bottle.stop()
    } else if (asked === 2) killGroup(bottle.pid)
  })
  const code = await bottle.ended
  forget()
  if (asked === 1 && code === 0) return session.say('Stopped.')
  if (asked > 1) throw new Failure('killed', 'Killed. What was accepted is kept.', { exit: EXIT.interrupted })
  if (code === 0) return session.say('Stopped by the operator.')
  throw new Failure('bottle-ended', `The bottle ended with ${code ?? 'a signal'}`, { next: 'scop logs' })
}

/** The supervisor leads a process group of its own; its services are in it. */
function killGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL')
  } catch {
    // It ended meanwhile: there is nobody left to kill.
  }
}

/** The supervisor's program. */
export function supervisorMain(): string {
  return fileURLToPath(import.meta.resolve('@scop/service-supervisor/main'))
}
