// The zone in which the verifier publishes whom it knows as good and as bad: `reputation.<hostname>`, DNS lists as RFC 5782
// has them. Laws: it is there only if the configuration says so; the verifier can put nothing into it but addresses
// 127.0.0.x with their reasons, and touches no other zone. Unless it is for the world, strangers are refused everything in it.

import type { Settings } from '@scop/bottle'
import type { HandlerCall, HandlerAnswer } from '@scop/bottle/node'
import {
  A,
  createZone,
  decodeMessage,
  encodeMessage,
  formatName,
  isAtOrBelow,
  makeRecord,
  type Name,
  NS,
  parseName,
  RCODE,
  type ResourceRecord,
  responseTo,
  ROOT,
  SOA,
  TXT,
  type Zone,
  zoneRecords,
} from '@scop/dns'
import type { IncomingMessage, Primary } from '@scop/dns/node'
import { isAddressCovered, isLoopback, parseAddressPrefix, parseIpAddress, unmapIpAddress } from '@scop/identifiers'
import { PipeRefusal } from '@scop/mesh/node'
import { encodeAscii } from '@scop/octets'
import { expectOk } from '@scop/result'
import { replaceRecords, serialAfter } from './own-records.ts'
import type { SignedZones } from './signed-zones.ts'
import type { PolicyOf } from './zone-policy.ts'

type ReputationSettings = NonNullable<Settings<'dns-primary'>['reputation']>

export type ReputationZone = {
  publish(
    call: HandlerCall<'dns-primary', 'publish-reputation'>,
  ): Promise<HandlerAnswer<'dns-primary', 'publish-reputation'>>
  /** REFUSED for a stranger who asks for something in the zone; undefined: whoever asks may be answered. */
  refusal(incoming: IncomingMessage): Uint8Array | undefined
}

export function reputationZone(options: {
  /** Undefined: it is off. */
  readonly settings: ReputationSettings | undefined
  readonly primary: Pick<Primary, 'zone' | 'addZone' | 'change'>
  readonly signed: Pick<SignedZones, 'prepare' | 'signs' | 'look'>
  readonly policyOf: PolicyOf
  readonly now: () => number
}): ReputationZone {
  const { settings, primary, signed, policyOf, now } = options
  if (settings === undefined)
    return {
      publish: async () => {
        throw new PipeRefusal('off', 'reputation.dns-list is off')
      },
      refusal: () => undefined,
    }
  const origin = nameOf(settings.zone)
  const allowed = settings.allow.map((text) => expectOk(parseAddressPrefix(text), `read "${text}"`))
  const mayAsk = (text: string): boolean => {
    const address = parseIpAddress(text.replace(/%.*$/, ''))
    if (!address.ok) return false
    const asker = unmapIpAddress(address.value)
    return isLoopback(asker) || isAddressCovered(asker, allowed)
  }
  return {
    publish: async ({ octets }) => {
      const records = await readEntries(octets, origin)
      const zone = expectZone(origin, [...apex(origin, nameOf(settings.server)), ...records])
      const because = { author: 'verifier', reason: 'reputation', atMs: now() }
      if (primary.zone(origin) === undefined) {
        const whole = await signed.prepare(zone)
        if (!whole.ok) throw new PipeRefusal('bad-zone', whole.error.kind)
        primary.addZone(whole.value, because)
        signed.look(origin)
      } else {
        const { serial: policy } = policyOf(origin)
        const changed = primary.change(origin, because, (before) =>
          replaceRecords(before, zoneRecords(zone), signed.signs(origin) ? 'own' : 'all', (serial) =>
            serialAfter(serial, policy, now()),
          ),
        )
        if (!changed.ok) throw new PipeRefusal('temporary', `the zone did not take the change: ${changed.error.kind}`)
      }
      return { response: { serial: primary.zone(origin)?.soa.serial ?? 0, entries: records.length / 2 } }
    },
    refusal: ({ octets, peer }) => {
      if (settings.world || mayAsk(peer.address)) return undefined
      const message = decodeMessage(octets)
      if (!message.ok || !message.value.questions.some(({ name }) => isAtOrBelow(name, origin))) return undefined
      return encodeMessage(responseTo(message.value, RCODE.REFUSED)).octets
    },
  }
}

/** One entry a line: name below the zone, address, reason, between spaces. */
export function parseReputationEntry(line: string, origin: Name): readonly ResourceRecord[] | undefined {
  const [, text = '', address, reason = ''] = ENTRY.exec(line) ?? []
  const name = parseName(text, origin)
  const parsed = parseIpAddress(address ?? '')
  if (text === '' || text.endsWith('.') || !name.ok || !parsed.ok) return undefined
  return [
    makeRecord(A, name.value, TTL_SECONDS, { address: parsed.value }),
    makeRecord(TXT, name.value, TTL_SECONDS, { strings: [encodeAscii(reason)] }),
  ]
}

async function readEntries(octets: AsyncIterable<Uint8Array>, origin: Name): Promise<readonly ResourceRecord[]> {
  const records: ResourceRecord[] = []
  let held = ''
  let lines = 0
  const take = (line: string): void => {
    const entry = parseReputationEntry(line, origin)
    if (entry === undefined) throw new PipeRefusal('bad-request', `line ${lines + 1} is no entry`)
    if (++lines > MOST_ENTRIES) throw new PipeRefusal('too-large', `more than ${MOST_ENTRIES} entries`)
    records.push(...entry)
  }
  for await (const chunk of octets) {
    const all = (held + Buffer.from(chunk).toString('latin1')).split('\n')
    held = all.pop() ?? ''
    for (const line of all) take(line)
    if (held.length > LONGEST_LINE) throw new PipeRefusal('bad-request', `line ${lines + 1} is too long`)
  }
  if (held !== '') take(held)
  return records
}

function expectZone(origin: Name, records: readonly ResourceRecord[]): Zone {
  const zone = createZone(origin, records)
  if (!zone.ok) throw new PipeRefusal('bad-zone', zone.error.kind)
  return zone.value
}

function apex(origin: Name, server: Name): readonly ResourceRecord[] {
  const soa = {
    primary: server,
    responsible: nameOf(`hostmaster.${formatName(server)}`),
    serial: 1,
    refreshSeconds: 3600,
    retrySeconds: 600,
    expireSeconds: 86_400,
    negativeTtlSeconds: TTL_SECONDS,
  }
  return [makeRecord(SOA, origin, TTL_SECONDS, soa), makeRecord(NS, origin, 86_400, { name: server })]
}

const nameOf = (text: string): Name => expectOk(parseName(text, ROOT), `read the name "${text}"`)

// entry = name SP "127.0.0." 1*3DIGIT SP reason
const ENTRY = /^([a-z0-9*._-]{1,240}) (127\.0\.0\.[0-9]{1,3}) ([\x20-\x7e]{1,255})$/
const TTL_SECONDS = 300
const LONGEST_LINE = 1024
const MOST_ENTRIES = 200_000
