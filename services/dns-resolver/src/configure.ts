// The settings of bottle.yaml and the zones of our own primary, as the resolver's configuration.
// RFC 9609 §2 (hints), RFC 7646 (zones that are not validated), RFC 8767 §5 (stale answers), RFC 4035 §4.4 (anchors)

import type { Endpoint, Settings } from '@scop/bottle'
import { formatRecord, type Name, parseName, parseRecords, type ResourceRecord, ROOT } from '@scop/dns'
import { type AddressPrefix, isAddressCovered, parseAddressPrefix } from '@scop/identifiers'
import {
  type ForwardZone,
  RESOLVER_CONFIG,
  RESOLVER_LIMITS,
  type ResolverConfig,
  ROOT_ANCHORS,
  ROOT_HINTS,
  type ServerAddress,
  type StubZone,
} from '@scop/resolver'
import { expectOk } from '@scop/result'
import type { OwnZone } from './own-zones.ts'

/** Throws for an anchor that is no DS or DNSKEY record: the bottle does not start with less trust than it was told. */
export function configureResolver(settings: Settings<'dns-resolver'>, ours: readonly OwnZone[]): ResolverConfig {
  const { root, forward, zones } = settings
  const unsigned = ours.filter(({ ds }) => ds.length === 0)
  const begins = root === 'iana'
  return {
    ...RESOLVER_CONFIG,
    hints: begins ? ROOT_HINTS : [],
    stubs: [
      ...(root !== 'iana' && root.length > 0 ? [stub(ROOT, root)] : []),
      ...Object.entries(zones).map(([zone, servers]) => stub(nameOf(zone), servers)),
      ...ours.map(({ zone }) => stub(nameOf(zone), [settings.primary])),
    ],
    forwards: forward.length === 0 ? [] : [forwardZone(settings)],
    prefetch: true,
    stale: { maxSeconds: 86_400, replySeconds: 30, clientTimeoutMs: 1800, reset: true, told: true },
    unaskedAddresses: unasked(settings),
    validation: {
      ...RESOLVER_CONFIG.validation,
      anchors: [...settings.anchors.flatMap(anchorRecords), ...ours.flatMap(({ ds }) => ds.flatMap(anchorRecords))],
      managedAnchors:
        begins || forward.length > 0 ? [{ zone: ROOT, text: ROOT_ANCHORS.map(formatRecord).join('\n') }] : [],
      insecureZones: [...settings.insecure, ...unsigned.map(({ zone }) => zone)].map(nameOf),
    },
    limits: {
      ...RESOLVER_LIMITS,
      rrsetCacheOctets: Math.ceil((settings['cache-octets'] * 2) / 3),
      messageCacheOctets: Math.ceil(settings['cache-octets'] / 3),
    },
  }
}

/** DS and DNSKEY records in zone-file form. */
export function anchorRecords(text: string): readonly ResourceRecord[] {
  const records = parseRecords(`${text}\n`, ROOT)
  if (!records.ok) throw new Error(`Cannot read the trust anchor "${text}": ${records.error.kind}`)
  if (records.value.length === 0 || !records.value.every(({ type }) => type === DS || type === DNSKEY))
    throw new Error(`Cannot take "${text}" as a trust anchor: it is no DS or DNSKEY record`)
  return records.value
}

function stub(zone: Name, servers: readonly Endpoint[]): StubZone {
  return {
    zone,
    addresses: servers.map(({ address, port }): ServerAddress => ({ address, port })),
    names: [],
    first: false,
    prime: false,
    cache: true,
    transport: 'udp',
  }
}

function forwardZone({ forward }: Settings<'dns-resolver'>): ForwardZone {
  return {
    zone: ROOT,
    addresses: forward.map(({ address, port, name }) => ({
      address,
      port,
      ...(name !== undefined && { tlsName: name }),
    })),
    names: [],
    first: false,
    cache: true,
    // The configuration has names for all of them or for none.
    transport: forward.some(({ name }) => name !== undefined) ? 'tls' : 'udp',
  }
}

/** Nobody's answer leads us to ourselves or to the wire beside us, unless a server is configured there. */
function unasked({ root, forward, zones, primary }: Settings<'dns-resolver'>): readonly AddressPrefix[] {
  const configured = [...(root === 'iana' ? [] : root), ...forward, ...Object.values(zones).flat(), primary]
  return UNASKED.map((text) => expectOk(parseAddressPrefix(text), `read "${text}"`)).filter(
    (prefix) => !configured.some(({ address }) => isAddressCovered(address, [prefix])),
  )
}

const nameOf = (text: string): Name => expectOk(parseName(text, ROOT), `read the name "${text}"`)

const UNASKED = [
  '0.0.0.0/8',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '224.0.0.0/3',
  '::/128',
  '::1/128',
  'fe80::/10',
  'ff00::/8',
]
const DS = 43
const DNSKEY = 48
