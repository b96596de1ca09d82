// One service as a process: started with its permissions and nothing else, told its boot, certified, watched,
// started again when it ends. The channel tells who asks, so a service cannot ask for another's certificate.

import { type ChildProcess, spawn } from 'node:child_process'
import type { Boot, FromService, FromSupervisor, ServiceName } from '@scop/bottle'
import { readFromService } from './from-service.ts'
import { afterEnd, type RestartPolicy, type RestartState } from './restart-policy.ts'

export type ServiceState = 'starting' | 'running' | 'stopping' | 'stopped' | 'backing-off'

export type ServiceStatus = {
  readonly service: ServiceName
  readonly state: ServiceState
  readonly pid: number | undefined
  readonly restarts: number
  readonly uptimeSeconds: number
  readonly lastExit: string | undefined
}

export type ServiceOptions = {
  readonly service: ServiceName
  readonly program: string
  /** Arguments of the runtime. */
  readonly runtime: readonly string[]
  readonly openFiles: number
  readonly policy: RestartPolicy
  readonly startMs: number
  readonly drainMs: number
  /** Resolves when this service may boot; asked for at each start. */
  readonly boot: () => Promise<Boot>
  readonly certify: (publicKey: Uint8Array) => Promise<FromSupervisor & { readonly kind: 'certificate' }>
  readonly onOutput: (stream: 'stdout' | 'stderr', chunk: Buffer) => void
  readonly onState: (state: ServiceState, detail: string | undefined) => void
}

export class ServiceProcess {
  readonly #options: ServiceOptions
  #child: ChildProcess | undefined
  #state: ServiceState = 'stopped'
  #restart: RestartState = { failures: 0 }
  #restarts = 0
  #startedAt = 0
  #lastExit: string | undefined
  #reason: string | undefined
  #complaint: string | undefined
  #timer: NodeJS.Timeout | undefined
  #wanted = false
  #booted = false
  #ready = Promise.withResolvers<void>()
  #ended = Promise.withResolvers<void>()

  constructor(options: ServiceOptions) {
    this.#options = options
  }

  get status(): ServiceStatus {
    const alive = this.#child !== undefined
    return {
      service: this.#options.service,
      state: this.#state,
      pid: this.#child?.pid,
      restarts: this.#restarts,
      uptimeSeconds: alive ? Math.round((performance.now() - this.#startedAt) / 1000) : 0,
      lastExit: this.#lastExit,
    }
  }

  /** Ends in a row without being ready for long. */
  get failures(): number {
    return this.#restart.failures
  }

  /** What it wrote to its standard error: the first line with an error is the reason of an end without another. */
  complained(lines: readonly string[]): void {
    this.#complaint ??= lines.find((line) => /Error\b/.test(line))?.slice(0, 256)
  }

  /** Starts it, and keeps it started until `stop`. */
  start(): void {
    if (this.#wanted) return
    this.#wanted = true
    this.#spawn()
  }

  /** Resolves when it serves; at once if it does. */
  ready(): Promise<void> {
    return this.#state === 'running' ? Promise.resolve() : this.#ready.promise
  }

  /** Drains it; kills it when it takes longer than it may. Resolves when it has ended. */
  async stop(): Promise<void> {
    this.#wanted = false
    clearTimeout(this.#timer)
    const child = this.#child
    if (child === undefined) return this.#become('stopped', undefined)
    // One that has not begun to serve has little to finish; one that has not booted, nothing.
    const unreadyMs = this.#booted ? UNREADY_MS : 0
    const atMostMs = this.#state === 'starting' ? Math.min(unreadyMs, this.#options.drainMs) : this.#options.drainMs
    this.#become('stopping', undefined)
    const ended = this.#ended.promise
    say(child, { kind: 'drain' })
    const timer = setTimeout(() => child.kill('SIGKILL'), atMostMs)
    await ended
    clearTimeout(timer)
  }

  async restart(): Promise<void> {
    await this.stop()
    this.#restart = { failures: 0 }
    this.#restarts++
    this.start()
    await this.ready()
  }

  #become(state: ServiceState, detail: string | undefined): void {
    const wasRunning = this.#state === 'running'
    this.#state = state
    if (state === 'running') this.#ready.resolve()
    else if (wasRunning) this.#ready = Promise.withResolvers()
    this.#options.onState(state, detail)
  }

  #spawn(): void {
    const { program, runtime, openFiles } = this.#options
    // The shell only lowers the limits, then becomes the runtime: the process id stays, and so does the channel.
    const child = spawn('/bin/sh', ['-c', LIMITS, 'scop', String(openFiles), process.execPath, ...runtime, program], {
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      env: environment(),
      cwd: '/',
    })
    this.#child = child
    this.#booted = false
    this.#startedAt = performance.now()
    this.#reason = this.#complaint = undefined
    this.#ended = Promise.withResolvers()
    this.#become('starting', undefined)
    this.#timer = setTimeout(() => {
      this.#reason = `not ready in ${this.#options.startMs} ms`
      child.kill('SIGKILL')
    }, this.#options.startMs)
    child.stdout?.on('data', (chunk: Buffer) => this.#options.onOutput('stdout', chunk))
    child.stderr?.on('data', (chunk: Buffer) => this.#options.onOutput('stderr', chunk))
    child.on('message', (message) => {
      const said = readFromService(message)
      if (said !== undefined && child === this.#child) void this.#hear(child, said)
    })
    child.once('error', (error) => this.#end(child, `cannot be started: ${error.message}`))
    child.once('exit', (code, signal) => this.#end(child, signal === null ? `code ${code ?? '?'}` : signal))
  }

  async #hear(child: ChildProcess, said: FromService): Promise<void> {
    try {
      switch (said.kind) {
        case 'hello':
          say(child, { kind: 'boot', boot: await this.#options.boot() })
          this.#booted = true
          break
        case 'certify':
          say(child, await this.#options.certify(Buffer.from(said.publicKey, 'base64')))
          break
        case 'ready':
          clearTimeout(this.#timer)
          if (this.#state === 'starting') this.#become('running', undefined)
          break
        case 'cannot-start':
          this.#reason = said.reason
      }
    } catch (error) {
      this.#reason = `${said.kind}: ${error instanceof Error ? error.message : String(error)}`
      child.kill('SIGKILL')
    }
  }

  #end(child: ChildProcess, how: string): void {
    if (child !== this.#child) return
    clearTimeout(this.#timer)
    this.#child = undefined
    const reason = this.#reason ?? this.#complaint
    this.#lastExit = reason === undefined ? how : `${reason} (${how})`
    this.#ended.resolve()
    if (!this.#wanted) return this.#become('stopped', this.#lastExit)
    const ranMs = performance.now() - this.#startedAt
    const served = this.#state === 'running'
    const { state, waitMs } = afterEnd(this.#restart, { ranMs, served }, Math.random(), this.#options.policy)
    this.#restart = state
    this.#timer = setTimeout(() => {
      this.#restarts++
      this.#spawn()
    }, waitMs)
    this.#become('backing-off', this.#lastExit)
  }
}

function say(child: ChildProcess, message: FromSupervisor): void {
  if (child.connected) child.send(message, () => undefined) // one that has just ended hears nothing
}

/** A service inherits no environment but where it is in the world. */
function environment(): NodeJS.ProcessEnv {
  const { TZ, LANG } = process.env
  return { NODE_ENV: 'production', ...(TZ !== undefined && { TZ }), ...(LANG !== undefined && { LANG }) }
}

const UNREADY_MS = 1_000
const LIMITS = 'umask 077; ulimit -c 0; ulimit -n "$1" 2>/dev/null; shift; exec "$@"'
