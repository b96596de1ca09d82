// The signer's process: keys on disk, a way to publish them, the pipe.

import { runService } from '@scop/bottle/node'
import { privileges } from '../privileges.ts'
import { signerHandlers } from './handlers.ts'
import { openKeyStore } from './key-store.ts'
import { publishAt } from './publish.ts'

await runService(
  { ...privileges, service: 'signer' },
  async ({ settings, dataDirectory, secrets, calls, log, figures }) => {
    if (secrets.tsigKey === undefined) throw new Error('Cannot publish keys: no TSIG key was handed down')
    const keys = openKeyStore(dataDirectory)
    figures.observe('keys', () => keys.all().length)
    const handlers = signerHandlers({
      keys,
      publish: publishAt(settings.primary, secrets.tsigKey),
      expireAfterSeconds: settings['expire-seconds'],
      calls,
      now: Date.now,
      log,
      figures,
    })
    return { handlers, drain: async () => undefined }
  },
)
