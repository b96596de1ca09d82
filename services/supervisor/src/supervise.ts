// The bottle as its services: started in order, drained in the other, asked for their state by the operator.
// The supervisor hands down certificates and secrets; it never reads an octet from the network.

import { generateKeyPairSync } from 'node:crypto'
import { existsSync } from 'node:fs'
import { chmod, mkdir } from 'node:fs/promises'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Boot, type Configuration, type Privileges, type ServiceName, settingsFor } from '@scop/bottle'
import type { Home } from '@scop/bottle/home'
import type { Authority } from '@scop/mesh/authority'
import { type Identity, type PipeServer, PipeRefusal, servePipe } from '@scop/mesh/node'
import { LineCutter, ownLine } from './log-lines.ts'
import type { LogFile } from './log-file.ts'
import { pssKibibytes } from './memory.ts'
import { runtimeArguments } from './permissions.ts'
import { secretsFor } from './secrets.ts'
import { ServiceProcess, type ServiceState } from './service-process.ts'
import { startsAfter, stopsAfter } from './start-order.ts'

export type SuperviseOptions = {
  readonly home: Home
  readonly configuration: Configuration
  readonly authority: Authority
  readonly log: LogFile
  /** In the order of their start, with their programs. */
  readonly services: readonly { readonly privileges: Privileges; readonly program: string }[]
  /** A directory for the CPU profile of each service. */
  readonly profiles?: string | undefined
  readonly onProgress: (service: ServiceName, state: ServiceState) => void
  /** The operator has asked for the end. */
  readonly onStop: () => void
}

export type Bottle = {
  /** Resolves when every service serves; rejects with the reason of the first that cannot. */
  readonly up: Promise<void>
  /** Drains every service, those that others call last. */
  stop(): Promise<void>
}

export async function supervise(options: SuperviseOptions): Promise<Bottle> {
  const { home, authority, log } = options
  const configuration = withAbsolutePaths(options.configuration, home)
  const { supervisor } = configuration
  await mkdir(home.run, { recursive: true, mode: 0o700 })
  await chmod(home.run, 0o700)
  const write = (level: 'info' | 'warn' | 'error', msg: string, facts: Record<string, unknown>): void =>
    log.write([JSON.stringify({ level, time: new Date().toISOString(), service: 'supervisor', msg, ...facts })])
  const failed = Promise.withResolvers<never>()
  const processes = new Map<ServiceName, ServiceProcess>()
  let isUp = false
  let stopping: Promise<void> | undefined

  for (const { privileges, program } of options.services) {
    const { service } = privileges
    const dataDirectory = home.data(service)
    await mkdir(dataDirectory, { recursive: true, mode: 0o700 })
    await chmod(dataDirectory, 0o700)
    const secrets = await secretsFor(privileges, home, configuration)
    const boot = (): Boot => ({
      bottle: configuration.bottle,
      service,
      dataDirectory,
      pipes: home.pipes,
      settings: settingsFor(service, configuration),
      secrets,
      drainSeconds: supervisor['drain-seconds'],
      logLevel: 'info',
    })
    const [out, errors] = [new LineCutter(LINE_OCTETS), new LineCutter(LINE_OCTETS)]
    const one = new ServiceProcess({
      service,
      program,
      runtime: runtimeArguments(privileges, {
        program,
        libraries: LIBRARIES,
        stripped: existsSync(home.stripped) ? home.stripped : undefined,
        dataDirectory,
        pipe: home.pipes[service].path,
        files: filesOf(service, configuration),
        profiles: options.profiles,
      }),
      openFiles: privileges.limits.openFiles,
      policy: {
        firstMs: supervisor['restart-first-milliseconds'],
        longestMs: supervisor['restart-longest-milliseconds'],
        longestServedMs: LONGEST_SERVED_MS,
        stableMs: STABLE_MS,
      },
      startMs: START_MS,
      drainMs: supervisor['drain-seconds'] * 1000 + DRAIN_GRACE_MS,
      boot: async () => {
        // All programs load at once; each boots when those that it calls are ready. Later, it need not wait.
        if (!isUp) await Promise.all(startsAfter(privileges).map(async (other) => processes.get(other)?.ready()))
        return boot()
      },
      certify: async (publicKey) => {
        const lifetimeSeconds = supervisor['certificate-seconds']
        const nowMs = Date.now()
        const certificate = await authority.issue(service, publicKey, { nowMs, lifetimeSeconds })
        const notAfterMs = nowMs + lifetimeSeconds * 1000
        return { kind: 'certificate', certificate, authority: authority.certificatePem, notAfterMs }
      },
      onOutput: (stream, chunk) => {
        const [cutter, level] = stream === 'stdout' ? [out, 'warn' as const] : [errors, 'error' as const]
        const time = new Date().toISOString()
        const lines = cutter.push(chunk)
        if (stream === 'stderr') one.complained(lines)
        log.write(lines.map((line) => ownLine(service, line, level, time)))
      },
      onState: (state, detail) => {
        write(state === 'backing-off' ? 'error' : 'info', state, {
          of: service,
          ...(detail !== undefined && { detail }),
        })
        options.onProgress(service, state)
        if (state !== 'backing-off' || isUp || one.failures < FIRST_ATTEMPTS) return
        failed.reject(new Error(`${service}: ${detail ?? 'ended'}`))
      },
    })
    processes.set(service, one)
  }

  const server = await serveStatus(options, processes)
  for (const one of processes.values()) one.start()
  const up = Promise.race([failed.promise, Promise.all([...processes.values()].map((one) => one.ready()))]).then(() => {
    isUp = true
    write('info', 'up', { services: processes.size })
  })
  up.catch(() => undefined) // whoever stops meanwhile does not wait for it

  const stopOne = (service: ServiceName, done: Map<ServiceName, Promise<void>>): Promise<void> => {
    const known = done.get(service)
    if (known !== undefined) return known
    const all = options.services.map(({ privileges }) => privileges)
    const callers = stopsAfter(service, all).map((caller) => stopOne(caller, done))
    const stopped = Promise.all(callers).then(() => processes.get(service)?.stop())
    done.set(service, stopped)
    return stopped
  }
  return {
    up,
    stop: () => {
      stopping ??= (async () => {
        const done = new Map<ServiceName, Promise<void>>()
        await Promise.all([...processes.keys()].map((service) => stopOne(service, done)))
        await server.close()
        write('info', 'stopped', { lostLines: log.lost })
      })()
      return stopping
    },
  }
}

/** The supervisor's own pipe: for the operator alone. */
async function serveStatus(
  { home, configuration, authority, onStop, log }: SuperviseOptions,
  processes: ReadonlyMap<ServiceName, ServiceProcess>,
): Promise<{ close(): Promise<void> }> {
  const lifetimeSeconds = configuration.supervisor['certificate-seconds']
  let identity = await ownIdentity(authority, lifetimeSeconds)
  const server: PipeServer = await servePipe({
    bottle: authority.bottle,
    identity: () => identity,
    listen: home.pipes.supervisor,
    accepts: [{ role: 'operator', operations: ['status', 'restart', 'stop'] }],
    handle: {
      status: async () => {
        const services = await Promise.all(
          [...processes.values()].map(async ({ status }) => ({
            ...status,
            pssKibibytes: status.pid === undefined ? undefined : await pssKibibytes(status.pid),
          })),
        )
        const supervisorPssKibibytes = await pssKibibytes(process.pid)
        return { response: { bottle: authority.bottle, services, supervisorPssKibibytes } }
      },
      restart: async ({ request }) => {
        const name =
          typeof request === 'object' && request !== null && 'service' in request ? request.service : undefined
        const one = [...processes.values()].find(({ status }) => status.service === name)
        if (one === undefined) throw new PipeRefusal('unknown-service', `there is no service "${String(name)}"`)
        await one.restart()
        return { response: { restarted: true } }
      },
      stop: async () => {
        setImmediate(onStop) // after the answer
        return { response: {} }
      },
    },
    onRefused: ({ peer, operation, reason }) => {
      const facts = { level: 'warn', time: new Date().toISOString(), service: 'supervisor', msg: 'pipe refused' }
      log.write([JSON.stringify({ ...facts, peer, operation, reason })])
    },
  })
  const renewal = setInterval(
    () => {
      void ownIdentity(authority, lifetimeSeconds).then((renewed) => {
        identity = renewed
        server.renew()
      })
    },
    Math.min((lifetimeSeconds * 1000) / 2, MAX_TIMER_MS),
  )
  renewal.unref()
  return {
    close: async () => {
      clearInterval(renewal)
      await server.drain()
    },
  }
}

async function ownIdentity(authority: Authority, lifetimeSeconds: number): Promise<Identity> {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519')
  const der = publicKey.export({ type: 'spki', format: 'der' })
  return {
    keyPem: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    certificatePem: await authority.issue('supervisor', der, { nowMs: Date.now(), lifetimeSeconds }),
    authorityPem: authority.certificatePem,
  }
}

/** Paths in the configuration are meant from the home, wherever a service stands. */
export function withAbsolutePaths(configuration: Configuration, home: Home): Configuration {
  const { relay, 'dns-primary': primary } = configuration
  const absolute = (file: string): string => path.resolve(home.directory, file)
  return {
    ...configuration,
    ...(relay.authorities !== undefined && { relay: { ...relay, authorities: absolute(relay.authorities) } }),
    ...(primary.tls !== undefined && {
      'dns-primary': {
        ...primary,
        tls: { certificate: absolute(primary.tls.certificate), key: absolute(primary.tls.key) },
      },
    }),
  }
}

/** Files that the configuration names and the service reads itself. */
function filesOf(service: ServiceName, { relay, 'dns-primary': { tls } }: Configuration): readonly string[] {
  if (service === 'relay' && relay.authorities !== undefined) return [relay.authorities]
  return service === 'dns-primary' && tls !== undefined ? [tls.certificate, tls.key] : []
}

// …/libs/bottle/src/index.ts
const OWN_LIBRARIES = path.resolve(fileURLToPath(import.meta.resolve('@scop/bottle')), '..', '..', '..')
const LIBRARIES = [OWN_LIBRARIES, path.join(OWN_LIBRARIES, '..', 'node_modules')]
const FIRST_ATTEMPTS = 3 // of a start; then the bottle says why it cannot
const START_MS = 60_000
const STABLE_MS = 60_000
const LONGEST_SERVED_MS = 1000
const DRAIN_GRACE_MS = 2_000
const LINE_OCTETS = 64 * 1024
const MAX_TIMER_MS = 2 ** 31 - 1
