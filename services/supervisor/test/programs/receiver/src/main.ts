// A service for the supervisor's tests: starts, serves, and keeps a secret.

import { writeFileSync } from 'node:fs'
import path from 'node:path'
import type { Privileges } from '@scop/bottle'
import { runService } from '@scop/bottle/node'

const privileges: Privileges & { readonly service: 'receiver' } = {
  service: 'receiver',
  duty: 'serves',
  listens: [],
  accepts: [{ role: 'operator', operations: ['health', 'metrics'] }],
  calls: [{ role: 'submission', operations: [] }],
  reaches: [],
  keepsData: true,
  secrets: ['tls-certificate'],
  limits: { heapMebibytes: 64, openFiles: 1024 },
  thief: 'nothing',
}

await runService(privileges, async ({ dataDirectory, secrets }) => {
  if (secrets.tlsCertificate === undefined) throw new Error('no certificate')
  writeFileSync(path.join(dataDirectory, 'secret'), 'secret')
  const nothing = async (): Promise<never> => {
    throw new Error('this program has no firewall')
  }
  const handlers = {
    'firewall-learn': nothing,
    'firewall-list': nothing,
    'firewall-add': nothing,
    'firewall-undo': nothing,
  }
  return { handlers, drain: async () => undefined }
})
