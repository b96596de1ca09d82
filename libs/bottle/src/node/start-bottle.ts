// Starting a bottle as a child process, and asking its services as the operator.

import { fork } from 'node:child_process'
import { once } from 'node:events'
import { generateKeyPairSync } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { err, ok, type Result } from '@scop/result'
import { type Calls, createCalls } from './calls.ts'
import { CONTRACTS } from '../contracts.ts'
import { SERVICES } from '../role.ts'
import type { Home } from './home-layout.ts'
import { stripPrograms, strippedRuntime } from './strip-programs.ts'

/** What the supervisor's process says to the one that started it. */
export type FromBottle =
  | { readonly kind: 'up' }
  | { readonly kind: 'progress'; readonly service: string; readonly state: string }
  | { readonly kind: 'failed'; readonly reason: string }

export type RunningBottle = {
  readonly home: Home
  readonly pid: number
  /** Drains and ends; answers the exit code. */
  stop(): Promise<number | null>
  /** Resolves when the supervisor's process has ended. */
  readonly ended: Promise<number | null>
}

export type StartOptions = {
  /** The supervisor's program. */
  readonly main: string
  readonly onProgress?: (service: string, state: string) => void
}

/** Starts the supervisor on `home` and waits until every service serves. */
export async function startBottle(
  home: Home,
  options: StartOptions,
): Promise<Result<RunningBottle, { readonly kind: 'cannot-start'; readonly reason: string }>> {
  try {
    await stripPrograms(home.stripped)
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    return err({ kind: 'cannot-start', reason: `Cannot write the programs to "${home.stripped}": ${why}` })
  }
  const child = fork(options.main, ['--home', home.directory], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    execArgv: ['--disable-warning=ExperimentalWarning', ...strippedRuntime(home.stripped)],
    detached: true, // Ctrl-C reaches us, and we tell the bottle: it must not be told twice
  })
  const ended = once(child, 'exit').then(([code]) => code as number | null) // as: `exit` gives (code, signal)
  const outcome = await new Promise<FromBottle>((resolve) => {
    child.on('message', (message) => {
      const said = message as FromBottle // as: our own supervisor, started by this very function
      if (said.kind === 'progress') options.onProgress?.(said.service, said.state)
      else resolve(said)
    })
    child.once('error', (error) => resolve({ kind: 'failed', reason: error.message }))
    void ended.then((code) => resolve({ kind: 'failed', reason: `the supervisor ended with ${code ?? 'a signal'}` }))
  })
  if (outcome.kind !== 'up' || child.pid === undefined) {
    return err({ kind: 'cannot-start', reason: outcome.kind === 'failed' ? outcome.reason : 'no process' })
  }
  return ok({
    home,
    pid: child.pid,
    ended,
    stop: () => {
      child.kill('SIGTERM')
      return ended
    },
  })
}

/** Pipes to every service and the supervisor, in the role of the operator; the right to it is reading the authority's key. */
export async function operatorCalls(home: Home): Promise<Calls> {
  const { loadAuthority } = await import('@scop/mesh/authority') // loaded when needed: it is large
  const authority = await loadAuthority({
    keyPem: await readFile(home.authorityKey, 'utf8'),
    certificatePem: await readFile(home.authorityCertificate, 'utf8'),
  })
  const keys = generateKeyPairSync('ed25519')
  const certificatePem = await authority.issue('operator', keys.publicKey.export({ type: 'spki', format: 'der' }), {
    nowMs: Date.now(),
    lifetimeSeconds: OPERATOR_SECONDS,
  })
  const identity = {
    keyPem: keys.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    certificatePem,
    authorityPem: authority.certificatePem,
  }
  const callees = [...SERVICES, 'supervisor' as const].map((role) => ({
    role,
    operations: Object.keys(CONTRACTS[role]),
  }))
  return createCalls({ bottle: authority.bottle, identity: () => identity, pipes: home.pipes, calls: callees })
}

const OPERATOR_SECONDS = 600
