// What the operator may do with our zones over the pipe: bring in, take out, show, change, verify, list, look back.

import type { Figures } from '@scop/bottle'
import type { Handlers, Log } from '@scop/bottle/node'
import {
  createZone,
  formatName,
  formatZone,
  formatZoneFileError,
  isSerialAfter,
  type Name,
  parseZone,
  type Zone,
  zoneRecords,
} from '@scop/dns'
import type { Because, Change, ChangeError, Primary } from '@scop/dns/node'
import { PipeRefusal } from '@scop/mesh/node'
import type { ZoneHistory } from '@scop/zone-history/node'
import { expectOk, type Result } from '@scop/result'
import { describeVerdict, keyTag, parsePrivateKey, type SigningKey, signingKey } from '@scop/dnssec'
import { entryKeys } from './key-handlers.ts'
import { formatDifference, ownRecords, replaceRecords, serialAfter, withoutSigning } from './own-records.ts'
import { isSigned } from './shown-keys.ts'
import type { SignedZones } from './signed-zones.ts'
import { readOrigin, zoneText } from './zone-names.ts'
import type { PolicyOf } from './zone-policy.ts'

export type ZoneHandlersOptions = {
  readonly primary: Primary
  readonly signed: SignedZones
  readonly history: Pick<ZoneHistory, 'log' | 'zoneAt'>
  readonly policyOf: PolicyOf
  readonly log: Log
  readonly figures: Figures
  /** Milliseconds since 1970. */
  readonly now: () => number
}

type Operations =
  | 'add-zone'
  | 'remove-zone'
  | 'show-zone'
  | 'change-zone'
  | 'verify-zone'
  | 'list-zones'
  | 'zone-history'
  | 'restore-zone'

export function zoneHandlers(options: ZoneHandlersOptions): Pick<Handlers<'dns-primary'>, Operations> {
  const { primary, signed, history, policyOf, log, figures, now } = options
  const because = ({ author, reason }: { author: string; reason: string }): Because => ({
    author,
    reason,
    atMs: now(),
  })
  return {
    'add-zone': async ({ request, octets }) => {
      const origin = readOrigin(request.zone)
      const zone = readZone(origin, request.text ?? (await readText(octets)))
      if (primary.zone(origin) !== undefined) throw exists(origin)
      if (request.keys !== undefined && request.keys.length > 0) {
        const adopted = signed.adopt(origin, request.keys.map(readKey))
        if (!adopted.ok) throw new PipeRefusal('bad-keys', `${formatName(origin)}: ${REFUSED_KEYS[adopted.error.kind]}`)
      }
      const whole = await signed.prepare(zone)
      if (!whole.ok) throw new PipeRefusal('bad-zone', `${formatName(origin)}: ${whole.error.kind}`)
      if (!keep(() => primary.addZone(whole.value, because(request)))) throw exists(origin)
      signed.look(origin)
      const { serial } = whole.value.soa
      figures.add('zones_added_total')
      log.info('zone added', { zone: formatName(origin), serial, author: request.author, reason: request.reason })
      return { response: { serial } }
    },
    'remove-zone': async ({ request }) => {
      const origin = readOrigin(request.zone)
      const removed = keep(() => primary.removeZone(origin, because(request)))
      if (removed) {
        figures.add('zones_removed_total')
        log.info('zone removed', { zone: formatName(origin), author: request.author, reason: request.reason })
      }
      return { response: { removed } }
    },
    'show-zone': async ({ request }) => {
      const zone = primary.zone(readOrigin(request.zone))
      if (zone === undefined) return { response: {} }
      const text =
        request.records === 'own' && signed.signs(zone.origin)
          ? formatZone(expectOk(createZone(zone.origin, ownRecords(zone)), 'leave out what signing adds'))
          : formatZone(zone)
      return { response: { serial: zone.soa.serial }, octets: one(text) }
    },
    'change-zone': async ({ request, octets }) => {
      const origin = readOrigin(request.zone)
      const wanted = readZone(origin, await readText(octets))
      return changed(origin, wanted, request)
    },
    'verify-zone': async ({ request }) => {
      const zone = zoneOrFail(request.zone)
      const { serial } = zone.soa
      if (!isSigned(zone)) return { response: { serial, signed: false, signatures: 0, errors: [], warnings: [] } }
      const verdict = await signed.verify(zone)
      const { errors, warnings } = describeVerdict(verdict)
      const { signatures, validUntilSeconds } = verdict
      return {
        response: {
          serial,
          signed: true,
          signatures,
          ...(validUntilSeconds !== undefined && { validUntilMs: validUntilSeconds * 1000 }),
          errors: [...errors],
          warnings: [...warnings],
        },
      }
    },
    'zone-history': async ({ request }) => {
      const entries = await history.log(readOrigin(request.zone), request.limit)
      if (entries.length === 0) zoneOrFail(request.zone) // one that is gone has a history
      const changes = entries.map(({ commit, author, message, atMs }) => ({
        commit,
        author,
        reason: (message.split('\n')[0] ?? '').replace(/^[^ ]+ /, '').slice(0, LONGEST_REASON),
        atMs,
      }))
      return { response: { changes } }
    },
    'restore-zone': async ({ request }) => {
      const zone = zoneOrFail(request.zone)
      const then = await history.zoneAt(zone.origin, request.commit)
      if (!then.ok) {
        const { error } = then
        throw new PipeRefusal(error.kind, error.kind === 'not-a-zone' ? error.reason : `${request.zone}: ${error.kind}`)
      }
      const { response, octets } = changed(zone.origin, then.value, { ...request, serial: zone.soa.serial })
      return { response: { commit: request.commit, ...response }, octets }
    },
    'list-zones': async () => {
      const zones = primary.zones().map((zone) => {
        const { dnssec, primaries } = policyOf(zone.origin)
        return {
          zone: zoneText(zone.origin),
          serial: zone.soa.serial,
          records: zone.recordCount,
          role: primaries.length > 0 ? ('secondary' as const) : ('primary' as const),
          dnssec: primaries.length > 0 ? ('off' as const) : dnssec,
          ds: entryKeys(signed.keys(zone.origin)?.states ?? []).map(({ dnskey }) => keyTag(dnskey)),
        }
      })
      return { response: { zones: zones.toSorted((a, b) => (a.zone < b.zone ? -1 : 1)) } }
    },
  }

  function zoneOrFail(text: string): Zone {
    const zone = primary.zone(readOrigin(text))
    if (zone === undefined) throw new PipeRefusal('no-such-zone', `there is no zone ${text}`)
    return zone
  }

  /** What `wanted` makes of the zone as it is; kept if it is to be applied. */
  function changed(
    origin: Name,
    wanted: Zone,
    request: { readonly serial: number; readonly apply: boolean; readonly author: string; readonly reason: string },
  ): { response: { serial: number; removed: number; added: number }; octets: AsyncIterable<Uint8Array> } {
    const zone = zoneOrFail(zoneText(origin))
    const policy = policyOf(origin)
    if (policy.primaries.length > 0)
      throw new PipeRefusal('not-ours', `${formatName(origin)} is another server's: change it there`)
    if (zone.soa.serial !== request.serial)
      throw new PipeRefusal(
        'changed',
        `${formatName(origin)} has serial ${zone.soa.serial} by now, not ${request.serial}`,
      )
    const which = signed.signs(origin) ? 'own' : 'all'
    if (which === 'all' && isSigned(wanted) && !isSerialAfter(wanted.soa.serial, zone.soa.serial))
      throw new PipeRefusal(
        'bad-zone',
        `${formatName(origin)}: its signed SOA must have a serial after ${zone.soa.serial}`,
      )
    const edit = (before: Zone): ReturnType<typeof replaceRecords> =>
      replaceRecords(before, zoneRecords(wanted), which, (serial) => serialAfter(serial, policy.serial, now()))
    const planned = edit(zone)
    if (!planned.ok) {
      const { kind, record } = planned.error
      throw new PipeRefusal('bad-zone', `${formatName(record?.name ?? origin)}: ${kind}`)
    }
    if (request.apply) {
      expectChange(origin, primary.change(origin, because(request), edit))
      log.info('zone edited', { zone: formatName(origin), author: request.author, reason: request.reason })
    }
    const diff = planned.value?.diff ?? { removed: [], added: [] }
    const told = (records: typeof diff.removed): typeof diff.removed =>
      which === 'all' ? records : withoutSigning(records, origin)
    const [removed, added] = [told(diff.removed), told(diff.added)]
    return {
      response: {
        serial: primary.zone(origin)?.soa.serial ?? zone.soa.serial,
        removed: removed.length,
        added: added.length,
      },
      octets: one(formatDifference({ removed, added })),
    }
  }

  function expectChange(origin: Name, outcome: Result<Change | undefined, ChangeError>): void {
    if (outcome.ok) return
    switch (outcome.error.kind) {
      case 'no-such-zone':
        throw new PipeRefusal('no-such-zone', `there is no zone ${formatName(origin)}`)
      case 'refused':
        throw new PipeRefusal('bad-zone', `${formatName(origin)}: ${outcome.error.reason}`)
      case 'not-kept':
        throw notKept(outcome.error.error)
    }
  }

  /** A disk that does not take a change is a temporary failure; nothing has changed then. */
  function keep(change: () => boolean): boolean {
    try {
      return change()
    } catch (error) {
      throw notKept(error)
    }
  }

  function notKept(error: unknown): PipeRefusal {
    log.error('the store did not take a change', { error: error instanceof Error ? error : String(error) })
    return new PipeRefusal('temporary', 'the store did not take the change')
  }
}

function readZone(origin: Name, text: string): Zone {
  const zone = parseZone(text, origin)
  if (!zone.ok) throw new PipeRefusal('bad-zone', formatZoneFileError(formatName(origin), zone.error))
  return zone.value
}

function readKey({ pem, algorithm, flags }: { pem: string; algorithm: number; flags: number }): SigningKey {
  const privateKey = parsePrivateKey(pem)
  const key = privateKey.ok ? signingKey(privateKey.value, algorithm, flags) : privateKey
  if (!key.ok) throw new PipeRefusal('bad-keys', `a key cannot be used: ${key.error.kind}`)
  return key.value
}

const REFUSED_KEYS = {
  'has-keys': 'it has keys here already',
  'no-entry-key': 'none of its keys is one that a DS names (flags 257)',
  'not-signed': 'it is not signed by us, as the configuration says',
} as const

const exists = (origin: Name): PipeRefusal =>
  new PipeRefusal('exists', `the zone ${formatName(origin)} is here already`)

async function readText(octets: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = []
  let length = 0
  for await (const chunk of octets) {
    length += chunk.length
    if (length > MOST_OCTETS) throw new PipeRefusal('bad-zone', `more than ${MOST_OCTETS} octets`)
    chunks.push(new Uint8Array(chunk))
  }
  return Buffer.concat(chunks).toString('latin1')
}

async function* one(text: string): AsyncGenerator<Uint8Array> {
  const octets = Buffer.from(text, 'latin1')
  for (let at = 0; at < octets.length; at += CHUNK_OCTETS) yield octets.subarray(at, at + CHUNK_OCTETS)
}

const LONGEST_REASON = 1024
const MOST_OCTETS = 64 * 1024 * 1024
const CHUNK_OCTETS = 256 * 1024
