// The running bottle as a command meets it: is there a home, does it run, and its answers or the reason there are none.

import { randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { connect } from 'node:net'
import path from 'node:path'
import { type Callee, type Configuration, formatTrace, type Operation, type Request, type Response } from '@scop/bottle'
import { formatConfigurationError } from '@scop/bottle/configuration'
import { type Home, type OpenError, openHome, operatorCalls } from '@scop/bottle/home'
import type { CallError, Calls } from '@scop/bottle/node'
import { EXIT, Failure } from './failure.ts'
import { printable } from './printable.ts'

export type OpenedHome = { readonly home: Home; readonly configuration: Configuration }

export type RunningBottle = OpenedHome & {
  /** One operation of a service, as the operator. Throws `Failure` with the service's reason. */
  ask<C extends Callee, O extends Operation<C>>(
    callee: C,
    operation: O,
    request: Request<C, O>,
    timeoutMs?: number,
  ): Promise<Response<C, O>>
  /** As `ask`, with octets that go with the request, and those that come with the answer. */
  exchange<C extends Callee, O extends Operation<C>>(
    callee: C,
    operation: O,
    request: Request<C, O>,
    octets?: AsyncIterable<Uint8Array>,
  ): Promise<{ readonly response: Response<C, O>; readonly octets: AsyncIterable<Uint8Array> }>
  readonly calls: Calls
  close(): Promise<void>
}

/** The home in `directory`; throws `Failure` with every mistake of its configuration. */
export async function openHomeOrFail(directory: string): Promise<OpenedHome> {
  const opened = await openHome(directory)
  if (opened.ok) return opened.value
  throw homeFailure(opened.error)
}

/** Whether the supervisor's process lives and listens at its pipe. */
export async function isRunning(home: Home): Promise<boolean> {
  if (!(await supervisorLives(home))) return false
  return new Promise((resolve) => {
    const socket = connect(home.pipes.supervisor.path)
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => resolve(false))
  })
}

/** By its pid file, which outlives a supervisor that was killed: its number may then be another process's. */
async function supervisorLives(home: Home): Promise<boolean> {
  const pid = Number(await readFile(home.pidFile, 'utf8').catch(() => ''))
  if (!Number.isInteger(pid) || pid < 2) return false
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM' // another user's process lives
  }
}

/** Runs `use` with the pipes to the bottle in `directory`, and closes them. */
export async function withBottle<T>(directory: string, use: (bottle: RunningBottle) => Promise<T>): Promise<T> {
  const bottle = await connectBottle(await openHomeOrFail(directory))
  try {
    return await use(bottle)
  } finally {
    await bottle.close()
  }
}

/** The pipes to a bottle that runs. */
export async function connectBottle(opened: OpenedHome): Promise<RunningBottle> {
  // A socket that is opened and left would be logged as a refused pipe: the calls themselves find out.
  if (!(await supervisorLives(opened.home)))
    throw new Failure('not-running', `The bottle in ${opened.home.directory} is not running`, {
      exit: EXIT.notRunning,
      next: 'scop up',
    })
  const calls = await operatorCalls(opened.home)
  const exchange: RunningBottle['exchange'] = async (callee, operation, request, octets) => {
    const trace = formatTrace(randomBytes(8))
    const answer = await calls.call(callee, operation, request, { trace, ...(octets && { octets }) })
    if (!answer.ok) throw callFailure(callee, operation, answer.error)
    return answer.value
  }
  return {
    ...opened,
    calls,
    exchange,
    ask: async (callee, operation, request, timeoutMs) => {
      const trace = formatTrace(randomBytes(8))
      const answer = await calls.call(callee, operation, request, { trace, ...(timeoutMs && { timeoutMs }) })
      if (!answer.ok) throw callFailure(callee, operation, answer.error)
      return answer.value.response
    },
    close: () => calls.close(),
  }
}

/** What a refused or broken call means to the person who asked. */
export function callFailure(callee: string, operation: string, error: CallError): Failure {
  const next = `scop logs --service ${callee}`
  const reason = printable(error.reason)
  switch (error.kind) {
    case 'failed':
      if (error.failure === 'internal') break
      return new Failure(error.failure, reason === '' ? `${callee}: ${printable(error.failure)}` : reason)
    case 'unreachable':
      return new Failure('service-unreachable', `Cannot reach ${callee}: ${reason}`, {
        exit: EXIT.notRunning,
        next: `scop status; ${next}`,
      })
    case 'refused':
    case 'aborted':
    case 'timeout':
    case 'too-large':
    case 'bad-response':
  }
  return new Failure(error.kind, `Cannot do "${operation}" at ${callee}: ${error.kind}, ${reason}`, { next })
}

function homeFailure(error: OpenError): Failure {
  if (error.kind === 'no-home')
    return new Failure('no-home', `There is no bottle in ${path.dirname(error.file)}`, {
      exit: EXIT.configuration,
      next: 'scop init, or name its directory with --home or SCOP_HOME',
    })
  const file = path.basename(error.file)
  return new Failure(
    'bad-configuration',
    error.errors.map((mistake) => printable(formatConfigurationError(file, mistake))).join('\n'),
    { exit: EXIT.configuration, next: `edit ${error.file}` },
  )
}
