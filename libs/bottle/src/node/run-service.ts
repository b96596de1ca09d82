// The life of a service process: boot, certificate, pipes, listeners, ready; drain; end.
// Services differ in `start`; everything that they share is here.

import { generateKeyPair } from 'node:crypto'
import { promisify } from 'node:util'
import { type Identity, servePipe } from '@scop/mesh/node'
import type { Boot, FromService, FromSupervisor, Secrets } from '../boot.ts'
import { createFigures, type Figures } from '../figures.ts'
import type { Privileges } from '../privileges.ts'
import type { ServiceName } from '../role.ts'
import type { Settings } from '../settings.ts'
import { type Calls, createCalls } from './calls.ts'
import { type Handlers, pipeHandlers } from './handlers.ts'
import { createLog, type Log } from './log.ts'

export type Context<N extends ServiceName> = {
  readonly settings: Settings<N>
  readonly dataDirectory: string
  readonly secrets: Secrets
  readonly calls: Calls
  readonly log: Log
  readonly figures: Figures
  /** Aborted when the drain has lasted as long as it may. */
  readonly signal: AbortSignal
}

export type RunningService<N extends ServiceName> = {
  readonly handlers: Handlers<N>
  /** Stops taking work, finishes what is under way. Called once, before the pipes close. */
  drain(): Promise<void>
}

/** Runs the service to its end. `start` opens stores and listeners; when it resolves the service is ready. */
export async function runService<N extends ServiceName>(
  privileges: Privileges & { readonly service: N },
  start: (context: Context<N>) => Promise<RunningService<N>>,
): Promise<void> {
  process.title = `scop-${privileges.service}`
  const supervisor = supervisorChannel()
  const boot = await supervisor.boot<N>()
  const log = createLog(privileges.service, boot.logLevel)
  let state: 'starting' | 'serving' | 'draining' = 'starting'
  const ending = new AbortController()
  try {
    let identity = await supervisor.certify()
    const figures = createFigures()
    const calls = createCalls({
      bottle: boot.bottle,
      identity: () => identity.parts,
      pipes: boot.pipes,
      calls: privileges.calls,
    })
    const running = await start({
      settings: boot.settings,
      dataDirectory: boot.dataDirectory,
      secrets: boot.secrets,
      calls,
      log,
      figures,
      signal: ending.signal,
    })
    const listen = boot.pipes[privileges.service]
    if (listen === undefined) throw new Error(`Cannot serve "${privileges.service}": boot names no pipe for it`)
    const server = await servePipe({
      bottle: boot.bottle,
      identity: () => identity.parts,
      listen,
      accepts: privileges.accepts,
      handle: pipeHandlers(privileges.service, {
        ...running.handlers,
        health: async () => ({
          response: {
            service: privileges.service,
            pid: process.pid,
            uptimeSeconds: Math.round(process.uptime()),
            state,
            figures: figures.snapshot(),
            pipes: calls.facts().map((facts) => ({ ...facts })),
          },
        }),
        metrics: async () => ({ response: { text: figures.format(privileges.service) } }),
      }),
      onRefused: (refusal) => {
        figures.add('pipe_refusals_total')
        log.warn('pipe refused', { peer: refusal.peer, operation: refusal.operation, reason: refusal.reason })
      },
      onError: (error) => log.error('pipe handler failed', { error }),
    })
    const renewal = renewBeforeEnd(identity.notAfterMs, async () => {
      identity = await supervisor.certify()
      server.renew()
      return identity.notAfterMs
    })
    state = 'serving'
    supervisor.say({ kind: 'ready' })
    log.info('ready')
    await supervisor.drainAsked
    state = 'draining'
    renewal.stop()
    const deadline = setTimeout(() => ending.abort(), boot.drainSeconds * 1000)
    await running.drain()
    await server.drain()
    await calls.close()
    clearTimeout(deadline)
    log.info('drained')
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    log.error('cannot run', { reason })
    supervisor.say({ kind: 'cannot-start', reason })
    process.exitCode = 1
  }
  supervisor.close()
}

type Certified = { readonly parts: Identity; readonly notAfterMs: number }

function supervisorChannel(): {
  boot<N extends ServiceName>(): Promise<Boot<N>>
  certify(): Promise<Certified>
  say(message: FromService): void
  readonly drainAsked: Promise<void>
  close(): void
} {
  if (process.send === undefined) {
    console.error('A service is started by the supervisor: see "scop up"')
    process.exit(2)
  }
  const waiting: ((message: FromSupervisor) => void)[] = []
  const drain = Promise.withResolvers<void>()
  process.on('message', (message) => {
    const said = message as FromSupervisor // as: the channel's other end is the supervisor, which started us
    if (said.kind === 'drain') drain.resolve()
    else waiting.shift()?.(said)
  })
  process.on('SIGTERM', () => drain.resolve())
  process.on('SIGINT', () => undefined) // the terminal's Ctrl-C reaches the whole group: the supervisor decides
  process.on('disconnect', () => drain.resolve()) // the supervisor is gone
  const say = (message: FromService): void => {
    if (process.connected) process.send?.(message)
  }
  const next = (): Promise<FromSupervisor> => new Promise((resolve) => waiting.push(resolve))
  return {
    boot: async <N extends ServiceName>(): Promise<Boot<N>> => {
      say({ kind: 'hello' })
      const said = await next()
      if (said.kind !== 'boot') throw new Error(`Cannot boot: the supervisor said "${said.kind}"`)
      return said.boot as Boot<N> // as: the supervisor starts each program with the boot of its own name
    },
    certify: async () => {
      const { publicKey, privateKey } = await promisify(generateKeyPair)('ed25519')
      say({ kind: 'certify', publicKey: publicKey.export({ type: 'spki', format: 'der' }).toString('base64') })
      const said = await next()
      if (said.kind !== 'certificate') throw new Error(`Cannot certify: the supervisor said "${said.kind}"`)
      const keyPem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
      return {
        parts: { keyPem, certificatePem: said.certificate, authorityPem: said.authority },
        notAfterMs: said.notAfterMs,
      }
    },
    say,
    drainAsked: drain.promise,
    close: () => {
      process.removeAllListeners('message')
      if (process.connected) process.disconnect?.()
    },
  }
}

/** Calls `renew` at half of what is left, again and again. */
function renewBeforeEnd(notAfterMs: number, renew: () => Promise<number>): { stop(): void } {
  let timer: NodeJS.Timeout
  const plan = (endMs: number): void => {
    const waitMs = Math.min(Math.max((endMs - Date.now()) / 2, 1000), MAX_TIMER_MS)
    timer = setTimeout(() => void renew().then(plan, () => plan(endMs)), waitMs)
    timer.unref()
  }
  plan(notAfterMs)
  return { stop: () => clearTimeout(timer) }
}

const MAX_TIMER_MS = 2 ** 31 - 1
