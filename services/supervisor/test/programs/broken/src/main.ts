// A service for the supervisor's tests: never starts, and says why.

import type { Privileges } from '@scop/bottle'
import { runService } from '@scop/bottle/node'

const privileges: Privileges & { readonly service: 'submission' } = {
  service: 'submission',
  duty: 'fails',
  listens: [],
  accepts: [],
  calls: [],
  reaches: [],
  keepsData: false,
  secrets: [],
  limits: { heapMebibytes: 64, openFiles: 128 },
  thief: 'nothing',
}

await runService(privileges, async () => {
  throw new Error('the port is taken')
})
