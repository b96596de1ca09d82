// A service for the supervisor's tests: tries what it should not be able to do, and writes down how that went.

import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { Worker } from 'node:worker_threads'
import type { Privileges } from '@scop/bottle'
import { runService } from '@scop/bottle/node'

const privileges: Privileges & { readonly service: 'submission' } = {
  service: 'submission',
  duty: 'probes',
  listens: [],
  accepts: [{ role: 'operator', operations: ['health', 'metrics'] }],
  calls: [],
  reaches: [],
  keepsData: true,
  secrets: [],
  limits: { heapMebibytes: 64, openFiles: 128 },
  thief: 'nothing',
}

await runService(privileges, async ({ dataDirectory, log, secrets }) => {
  const home = path.join(dataDirectory, '..', '..')
  const attempts: Record<string, () => unknown> = {
    'read own': () => writeFileSync(path.join(dataDirectory, 'x'), 'x') ?? readFileSync(path.join(dataDirectory, 'x')),
    'read the data of another': () => readFileSync(path.join(home, 'data', 'receiver', 'secret')),
    'list the data of another': () => readdirSync(path.join(home, 'data', 'receiver')),
    'write the data of another': () => writeFileSync(path.join(home, 'data', 'receiver', 'x'), 'x'),
    'read through its own directory': () => readFileSync(`${dataDirectory}/../receiver/secret`),
    'read the key of the authority': () => readFileSync(path.join(home, 'authority', 'key.pem')),
    'read the configuration': () => readFileSync(path.join(home, 'bottle.yaml')),
    'read /etc/passwd': () => readFileSync('/etc/passwd'),
    'start a program': () => spawnSync('/bin/true').status ?? fail(),
    'start a worker': () => new Worker('0', { eval: true }),
    'see the environment': () => process.env['SCOP_PROBE'] ?? fail(),
    'have a secret that it does not list': () => secrets.tlsCertificate ?? fail(),
  }
  const allowed = Object.entries(attempts).flatMap(([name, attempt]) => {
    try {
      attempt()
      return [name]
    } catch {
      return []
    }
  })
  const openFiles = /Max open files\s+(\d+)/.exec(process.report === undefined ? '' : limits())?.[1]
  writeFileSync(path.join(dataDirectory, 'probe.json'), JSON.stringify({ allowed, openFiles }))
  log.info('probed', { allowed })
  console.log('not a line of the log')
  console.log(JSON.stringify({ level: 'info', service: 'receiver', msg: 'in the name of another' }))
  return { handlers: {}, drain: async () => log.info('my last words') }
})

function fail(): never {
  throw new Error('no')
}

function limits(): string {
  // as: the report's limits are an object of names and numbers
  const report = process.report.getReport() as { userLimits?: { open_files?: { soft?: unknown } } }
  return `Max open files ${String(report.userLimits?.open_files?.soft)}`
}
