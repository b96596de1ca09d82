// The primary: answers for our zones, takes the signer's updates. Wiring only.

import { join } from 'node:path'
import { type Context, type RunningService, runService } from '@scop/bottle/node'
import { createPrimary, openZoneStore, serveDns } from '@scop/dns/node'
import { privileges } from '../privileges.ts'
import { openKeyFiles } from './key-files.ts'
import { keyHandlers } from './key-handlers.ts'
import { noteEvent } from './note-event.ts'
import { askResolver } from './ask-resolver.ts'
import { askParent } from './parent-ds.ts'
import { createSignedZones } from './signed-zones.ts'
import { signerKey } from './signer-key.ts'
import { configuredKeys } from './tsig-keys.ts'
import { zoneHandlers } from './zone-handlers.ts'
import { zonePolicies } from './zone-policy.ts'

await runService({ ...privileges, service: 'dns-primary' }, start)

async function start({
  settings,
  dataDirectory,
  secrets,
  calls,
  log,
  figures,
  signal,
}: Context<'dns-primary'>): Promise<RunningService<'dns-primary'>> {
  if (secrets.tsigKey === undefined) throw new Error('Cannot take updates: the TSIG key is missing')
  const shared = signerKey(secrets.tsigKey)
  if (!shared.ok) throw new Error(`Cannot take updates with the TSIG key: ${shared.error}`)
  const configured = configuredKeys(settings)
  if (!configured.ok) throw new Error(`Cannot use dns-primary.${configured.error}`)
  const policyOf = zonePolicies(settings)
  const signed = createSignedZones({
    files: openKeyFiles(join(dataDirectory, 'keys')),
    policyOf,
    askParent: (origin) =>
      askParent(origin, { servers: policyOf(origin)['parent-servers'], resolver: askResolver(calls), signal }),
    log,
    now: Date.now,
    random: Math.random, // scatters signatures in time: nothing rests on it
  })
  const path = join(dataDirectory, 'zones.sqlite')
  const store = openZoneStore(path)
  const opened = createPrimary({
    store,
    keys: [shared.value.key, ...configured.value.keys],
    grants: [shared.value.grant, ...configured.value.grants],
    onChange: signed.onChange,
    onEvent: (event) => noteEvent(event, log, figures),
  })
  if (!opened.ok) throw new Error(`Cannot read "${path}": ${opened.error.reason} in the zone ${opened.error.zone}`)
  const primary = opened.value
  signed.start(primary)
  figures.observe('zones', () => primary.zones().length)
  figures.observe('records', () => primary.zones().reduce((sum, { recordCount }) => sum + recordCount, 0))
  const { address, port } = settings.listen.dns
  const server = await serveDns({
    address,
    port,
    signal,
    handle: (incoming) => primary.handle(incoming),
    onTrouble: (error) => {
      figures.add('troubles_total')
      log.debug('a peer could not be answered', { error })
    },
  })
  return {
    handlers: {
      ...zoneHandlers({ primary, signed, policyOf, log, figures, now: Date.now }),
      ...keyHandlers({ primary, signed, log, figures }),
    },
    drain: async () => {
      signed.stop()
      await server.close() // messages are answered as they come: none is left under way
      store.close()
    },
  }
}
