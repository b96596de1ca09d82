// The primary: answers for our zones, signs them, takes updates, moves them to and from its peers. Wiring only.

import { randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Settings } from '@scop/bottle'
import { type Context, type RunningService, runService } from '@scop/bottle/node'
import { formatName } from '@scop/dns'
import {
  createNotifySender,
  createPrimary,
  createSecondary,
  openZoneStore,
  type PrimaryEvent,
  SERVE_DNS_LIMITS,
  serveDns,
  type ServeDnsOptions,
} from '@scop/dns/node'
import type { Result } from '@scop/result'
import { openZoneHistory, type ZoneHistory } from '@scop/zone-history/node'
import { privileges } from '../privileges.ts'
import { askResolver } from './ask-resolver.ts'
import { openKeyFiles } from './key-files.ts'
import { keyHandlers } from './key-handlers.ts'
import { noteEvent, noteNotify, noteTransfer } from './note-event.ts'
import { askParent } from './parent-ds.ts'
import { pauseAfterStretches } from './in-steps.ts'
import { configuredPeers } from './peers.ts'
import { reputationZone } from './reputation-zone.ts'
import { createSignedZones } from './signed-zones.ts'
import { signerKey } from './signer-key.ts'
import { answerStrangers } from './strangers.ts'
import { configuredKeys } from './tsig-keys.ts'
import { zoneHandlers } from './zone-handlers.ts'
import { zonePolicies } from './zone-policy.ts'

await runService({ ...privileges, service: 'dns-primary' }, start)

async function start(context: Context<'dns-primary'>): Promise<RunningService<'dns-primary'>> {
  const { settings, dataDirectory, secrets, calls, log, figures, signal } = context
  if (secrets.tsigKey === undefined) throw new Error('Cannot take updates: the TSIG key is missing')
  const shared = expectGood('Cannot take updates with the TSIG key: ', signerKey(secrets.tsigKey))
  const configured = expectGood('Cannot use dns-primary.', configuredKeys(settings))
  const policyOf = zonePolicies(settings)
  const keys = [shared.key, ...configured.keys]
  for (const { name } of keys.filter(({ algorithm }) => algorithm === 'hmac-sha1'))
    log.warn('a TSIG key uses SHA-1: give it another algorithm when its peer can', { key: formatName(name) })
  const peers = expectGood('Cannot use dns-primary: ', configuredPeers(settings, policyOf, keys))
  const signed = createSignedZones({
    files: openKeyFiles(join(dataDirectory, 'keys')),
    policyOf,
    askParent: (origin) =>
      askParent(origin, { servers: policyOf(origin)['parent-servers'], resolver: askResolver(calls), signal }),
    log,
    now: Date.now,
    random: Math.random, // scatters signatures in time: nothing rests on it
    pause: pauseAfterStretches(),
  })
  const { address, port } = settings.listen.dns
  const notify = createNotifySender({
    targets: ({ origin }) => peers.notifyTargets(origin),
    sources: [address],
    onEvent: (event) => noteNotify(event, log, figures),
    onTrouble: (error) => log.debug('a secondary could not be told', { error }),
  })
  let history: ZoneHistory | undefined
  const path = join(dataDirectory, 'zones.sqlite')
  const store = openZoneStore(path)
  const opened = createPrimary({
    store,
    keys,
    grants: [shared.grant, ...configured.grants],
    transfers: peers.transfers,
    answering: {
      ...answerStrangers(settings, { keepaliveMs: SERVE_DNS_LIMITS.idleMs, now: Date.now }),
      onlineSigner: signed.onlineSigner,
    },
    onChange: signed.onChange,
    onEvent: (event: PrimaryEvent) => {
      noteEvent(event, log, figures)
      history?.note(event)
      if (event.kind === 'updated' || event.kind === 'replaced') notify.changed(event.zone)
    },
  })
  if (!opened.ok) throw new Error(`Cannot read "${path}": ${opened.error.reason} in the zone ${opened.error.zone}`)
  const primary = opened.value
  history = await openZoneHistory({
    path: join(dataDirectory, 'zones.git'),
    source: {
      zones: () => primary.zones(),
      changesSince: (origin, serial) => store.changesSince(origin, serial),
    },
    randomOctets: (count) => randomBytes(count),
    onTrouble: (error) => log.error('the history could not be written', { error: String(error) }),
  })
  const written = history
  signed.start(primary)
  const secondaries = peers.followed.map(({ origin, from }) =>
    createSecondary({
      primary,
      origin,
      from,
      localAddress: address,
      onEvent: (news) => noteTransfer(formatName(origin), news, log, figures),
    }),
  )
  figures.observe('zones', () => primary.zones().length)
  figures.observe('records', () => primary.zones().reduce((sum, { recordCount }) => sum + recordCount, 0))
  const reputation = reputationZone({ settings: settings.reputation, primary, signed, policyOf, now: Date.now })
  const tls = await tlsOptions(settings)
  const server = await serveDns({
    address,
    port,
    ...(tls && { tls }),
    signal,
    handle: (incoming) => reputation.refusal(incoming) ?? primary.handle(incoming),
    onTrouble: (error) => {
      figures.add('troubles_total')
      log.debug('a peer could not be answered', { error })
    },
  })
  for (const zone of primary.zones()) notify.changed(zone)
  return {
    handlers: {
      ...zoneHandlers({ primary, signed, history, policyOf, log, figures, now: Date.now }),
      ...keyHandlers({ primary, signed, log, figures }),
      'publish-reputation': (call) => reputation.publish(call),
    },
    drain: async () => {
      signed.stop()
      for (const secondary of secondaries) secondary.close()
      await server.close() // messages are answered as they come: none is left under way
      notify.close()
      await written.close()
      store.close()
    },
  }
}

async function tlsOptions({ listen, tls }: Settings<'dns-primary'>): Promise<ServeDnsOptions['tls']> {
  const endpoint = listen['dns-tls']
  if (endpoint === undefined) return undefined
  if (tls === undefined) throw new Error('Cannot listen for dns-tls: dns-primary.tls names no certificate')
  if (endpoint.address !== listen.dns.address)
    throw new Error('Cannot listen for dns-tls at another address than for dns')
  const [cert, key] = await Promise.all([readFile(tls.certificate, 'utf8'), readFile(tls.key, 'utf8')])
  return { port: endpoint.port, options: { cert, key, minVersion: 'TLSv1.2' } }
}

function expectGood<T>(doing: string, result: Result<T, string>): T {
  if (!result.ok) throw new Error(`${doing}${result.error}`)
  return result.value
}
