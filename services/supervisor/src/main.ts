// The supervisor's process: `main.ts --home DIR`. Starts the bottle, stays, drains it on SIGTERM, SIGINT, or when whoever
// started it with a channel is gone.

import { readFile, rm, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { type Privileges, SERVICES } from '@scop/bottle'
import { formatConfigurationError } from '@scop/bottle/configuration'
import { type FromBottle, openHome } from '@scop/bottle/home'
import { loadAuthority } from '@scop/mesh/authority'
import { openLogFile } from './log-file.ts'
import { type Bottle, supervise } from './supervise.ts'

const say = (message: FromBottle): void => {
  if (process.send !== undefined && process.connected) process.send(message)
  else if (message.kind === 'failed') console.error(message.reason)
}

process.title = 'scop-supervisor'
const stop = Promise.withResolvers<void>()
process.on('SIGTERM', () => stop.resolve())
process.on('SIGINT', () => stop.resolve())
process.on('disconnect', () => stop.resolve()) // whoever started us is gone: nobody would stop us
try {
  await run()
} catch (error) {
  say({ kind: 'failed', reason: error instanceof Error ? error.message : String(error) })
  process.exitCode = 1
}
if (process.connected) process.disconnect?.()

async function run(): Promise<void> {
  const { values } = parseArgs({ options: { home: { type: 'string' } } })
  if (values.home === undefined) throw new Error('Cannot start: --home DIR is missing')
  const opened = await openHome(values.home)
  if (!opened.ok) {
    const { error } = opened
    if (error.kind === 'no-home') throw new Error(`Cannot start: there is no ${error.file}`)
    throw new Error(error.errors.map((mistake) => formatConfigurationError(error.file, mistake)).join('\n'))
  }
  const { home, configuration } = opened.value
  const authority = await loadAuthority({
    keyPem: await readFile(home.authorityKey, 'utf8'),
    certificatePem: await readFile(home.authorityCertificate, 'utf8'),
  })
  if (authority.bottle !== configuration.bottle) {
    throw new Error(`Cannot start "${configuration.bottle}": the authority is that of "${authority.bottle}"`)
  }
  const log = openLogFile(home.log, configuration.supervisor['log-octets'])
  const services = await Promise.all(
    SERVICES.map(async (service) => {
      const module: unknown = await import(`@scop/service-${service}/privileges`)
      const { privileges } = module as { readonly privileges: Privileges } // as: what each of these files exports
      return { privileges, program: fileURLToPath(import.meta.resolve(`@scop/service-${service}/main`)) }
    }),
  )
  const bottle: Bottle = await supervise({
    home,
    configuration,
    authority,
    log,
    services,
    profiles: process.env.SCOP_CPU_PROFILE, // for developers: CONTRIBUTING.md
    onProgress: (service, state) => say({ kind: 'progress', service, state }),
    onStop: () => stop.resolve(),
  })
  await writeFile(home.pidFile, `${process.pid}\n`, { mode: 0o600 }) // we hold the supervisor's pipe: nobody else runs
  try {
    await Promise.race([bottle.up.then(() => say({ kind: 'up' })), stop.promise])
    await stop.promise
  } finally {
    await bottle.stop()
    await rm(home.pidFile, { force: true })
    log.close()
  }
}
