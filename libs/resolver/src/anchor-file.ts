// The state of a zone's trust anchors as text, in the form of Unbound's autotrust files, which operators know.
// RFC 5011 §2.3, §4 (what must be remembered)

import {
  decodeRdata,
  DNSKEY,
  type DnskeyData,
  DS,
  type DsData,
  encodeRdata,
  formatName,
  formatRecord,
  type Name,
  parseName,
  parseRecords,
  type ResourceRecord,
  ROOT,
} from '@scop/dns'
import { isZoneKey, KEY_FLAG, keyTag } from '@scop/dnssec'
import { err, ok, type Result } from '@scop/result'

/** `start` and `removed` keys are not kept. RFC 5011 §4 */
export type AnchorKeyState = 'add-pending' | 'valid' | 'missing' | 'revoked'

export type AnchorKey = {
  readonly ttlSeconds: number
  readonly key: DnskeyData
  readonly state: AnchorKeyState
  /** How often it was seen while pending. */
  readonly seen: number
  /** When the state changed; 0 is not known. */
  readonly changedSeconds: number
}

/** Times are seconds since 1970. */
export type AnchorRecord = {
  readonly zone: Name
  /** The newest first. */
  readonly keys: readonly AnchorKey[]
  /** As configured, until the first keys are known. */
  readonly ds: readonly DsData[]
  readonly lastQueried: number
  readonly lastSuccess: number
  readonly nextProbe: number
  readonly failures: number
  readonly queryIntervalSeconds: number
  readonly retrySeconds: number
  /** All keys were revoked: the zone counts as one without an anchor. RFC 5011 §5 */
  readonly revoked: boolean
}

export type AnchorFileError = {
  readonly kind: 'not-a-record' | 'bad-number' | 'unknown-state' | 'several-zones' | 'no-anchor' | 'too-long'
  readonly line: number
}

// file     = *( ";;" variable / ";" comment / record [ ";;state=" n … ] )
// variable = name ":" SP value [ ";;" text ]
export function parseAnchorFile(text: string): Result<AnchorRecord, AnchorFileError> {
  if (text.length > MAX_OCTETS) return err({ kind: 'too-long', line: 0 })
  const numbers = new Map<string, number>()
  const keys: AnchorKey[] = []
  const ds: DsData[] = []
  let zone: Name | undefined
  let revoked = false
  for (const [i, whole] of text.split('\n').entries()) {
    const line = whole.trim()
    const bad = (kind: AnchorFileError['kind']): Result<never, AnchorFileError> => err({ kind, line: i + 1 })
    if (line === '' || (line.startsWith(';') && !line.startsWith(';;'))) continue
    if (line.startsWith(';;REVOKED')) revoked = true
    else if (line.startsWith(';;id:')) {
      const [name = ''] = line.slice(5).trim().split(' ')
      const parsed = parseName(name, ROOT)
      if (!parsed.ok) return bad('not-a-record')
      zone ??= parsed.value
    } else if (line.startsWith(';;')) {
      const variable = VARIABLE.exec(line)
      if (variable === null) return bad('bad-number')
      numbers.set(variable[1] ?? '', Number(variable[2]))
    } else {
      const read = readAnchor(line)
      if (!read.ok) return bad(read.error)
      const { record, state } = read.value
      if (record.type !== DS.code && record.type !== DNSKEY.code) continue // signatures, as dig prints them
      if (zone !== undefined && zone.key !== record.name.key) return bad('several-zones')
      zone = record.name
      const dsData = record.type === DS.code ? decodeRdata(DS, record.rdata) : undefined
      const key = record.type === DNSKEY.code ? decodeRdata(DNSKEY, record.rdata) : undefined
      if (dsData?.ok === true) ds.push(dsData.value)
      else if (key?.ok === true) keys.push({ ttlSeconds: record.ttlSeconds, key: key.value, ...state })
      else return bad('not-a-record')
    }
  }
  if (zone === undefined || (keys.length === 0 && ds.length === 0)) return err({ kind: 'no-anchor', line: 0 })
  const number = (name: string, absent = 0): number => numbers.get(name) ?? absent
  return ok({
    zone,
    keys,
    ds,
    lastQueried: number('last_queried'),
    lastSuccess: number('last_success'),
    nextProbe: number('next_probe_time'),
    failures: number('query_failed'),
    queryIntervalSeconds: number('query_interval', HOUR),
    retrySeconds: number('retry_time', HOUR),
    revoked,
  })
}

export function formatAnchorFile(anchor: AnchorRecord): string {
  const lines = ['; autotrust trust anchor file']
  if (anchor.revoked) {
    lines.push(
      ';;REVOKED',
      '; The zone has all keys revoked, and is',
      '; considered as if it has no trust anchors.',
      '; the remainder of the file is the last probe.',
      '; to restart the trust anchor, overwrite this file.',
      '; with one containing valid DNSKEYs or DSes.',
    )
  }
  lines.push(
    `;;id: ${formatName(anchor.zone)} 1`,
    `;;last_queried: ${formatTime(anchor.lastQueried)}`,
    `;;last_success: ${formatTime(anchor.lastSuccess)}`,
    `;;next_probe_time: ${formatTime(anchor.nextProbe)}`,
    `;;query_failed: ${anchor.failures}`,
    `;;query_interval: ${anchor.queryIntervalSeconds}`,
    `;;retry_time: ${anchor.retrySeconds}`,
  )
  for (const ds of anchor.ds) {
    lines.push(formatLine({ name: anchor.zone, type: DS.code, class: 1, ttlSeconds: HOUR, rdata: encodeRdata(DS, ds) }))
  }
  for (const { key, ttlSeconds, state, seen, changedSeconds } of anchor.keys) {
    const rdata = encodeRdata(DNSKEY, key)
    const record = { name: anchor.zone, type: DNSKEY.code, class: 1, ttlSeconds, rdata }
    const role = (key.flags & KEY_FLAG.SEP) === 0 ? 'zsk' : 'ksk'
    const about = isZoneKey(key) ? `id = ${keyTag(key)} (${role}), size = ${keyBits(key)}b` : `id = ${keyTag(key)}`
    lines.push(
      `${formatLine(record)} ;{${about}} ;;state=${STATES.indexOf(state)} [${STATE_WORDS[state]}] ;;count=${seen} ` +
        `;;lastchange=${formatTime(changedSeconds)}`,
    )
  }
  return `${lines.join('\n')}\n`
}

type AnchorLineState = Omit<AnchorKey, 'ttlSeconds' | 'key'>

/** A record with what its comment says; without one it is trusted as it stands. */
function readAnchor(
  line: string,
): Result<{ readonly record: ResourceRecord; readonly state: AnchorLineState }, AnchorFileError['kind']> {
  const comment = line.indexOf(';')
  const records = parseRecords(comment < 0 ? line : line.slice(0, comment), ROOT)
  const [record, ...more] = records.ok ? records.value : []
  if (record === undefined || more.length > 0) return err('not-a-record')
  const after = comment < 0 ? '' : line.slice(comment)
  const [code, seen, changed] = [/;;state=(\d{1,2})/, /;;count=(\d{1,5})/, /;;lastchange=(\d{1,12})/].map(
    (field) => field.exec(after)?.[1],
  )
  const state = code === undefined ? 'valid' : STATES[Number(code)]
  if (state === undefined || state === 'start') return err('unknown-state')
  return ok({ record, state: { state, seen: Number(seen ?? 0), changedSeconds: Number(changed ?? 0) } })
}

/** With tabs between the fields, as these files have them. */
function formatLine(record: ResourceRecord): string {
  const [owner = '', ttl = '', klass = '', type = '', ...data] = formatRecord(record).split(' ')
  return [owner, ttl, klass, type, data.join(' ')].join('\t')
}

/** `1251100000 ;;Mon Aug 24 07:46:40 2009` */
function formatTime(seconds: number): string {
  const [day = '', date = '', month = '', year = '', clock = ''] = new Date(seconds * 1000)
    .toUTCString()
    .replace(',', '')
    .split(' ')
  return `${seconds} ;;${day} ${month} ${date.replace(/^0/, ' ')} ${clock} ${year}`
}

function keyBits({ algorithm, publicKey }: DnskeyData): number {
  const fixed = FIXED_BITS[algorithm]
  if (fixed !== undefined) return fixed
  // RFC 2536 §2: T, then Q, and P of 64 + 8 T octets.
  if (DSA.has(algorithm)) return 512 + 64 * (publicKey[0] ?? 0)
  if (!RSA.has(algorithm)) return publicKey.length * 8
  const long = publicKey[0] === 0
  const exponent = long ? ((publicKey[1] ?? 0) << 8) | (publicKey[2] ?? 0) : (publicKey[0] ?? 0)
  let at = (long ? 3 : 1) + exponent
  while (publicKey[at] === 0) at++
  return Math.max(publicKey.length - at, 0) * 8
}

const STATES = ['start', 'add-pending', 'valid', 'missing', 'revoked'] as const
const STATE_WORDS = { 'add-pending': ' ADDPEND ', valid: '  VALID  ', missing: ' MISSING ', revoked: ' REVOKED ' }
const VARIABLE = /^;;([a-z_]+): *(\d{1,12})(?: *;;.*)?$/
const RSA: ReadonlySet<number> = new Set([1, 5, 7, 8, 10])
const DSA: ReadonlySet<number> = new Set([3, 6])
const FIXED_BITS: Readonly<Record<number, number | undefined>> = { 13: 256, 14: 384, 15: 256, 16: 456 }
const HOUR = 3600
const MAX_OCTETS = 1024 * 1024
