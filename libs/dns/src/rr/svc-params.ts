// The parameters of SVCB and HTTPS: which keys there are, and the text and the octets of their values.
// RFC 9460 §2.1, §2.2, §7, §8, Appendix A; RFC 9461 §5 (dohpath); RFC 9540 §4 (ohttp); RFC 9848 §3 (ech);
// RFC 9953 §3.2 (docpath); draft-ietf-tls-key-share-prediction §3.1; draft-ietf-intarea-proxy-config §2.1 (pvd)

import { decodeIpAddress, encodeIpAddress, ipVersion, parseIpAddress } from '@scop/identifiers'
import { concatOctets, decodeBase64, decodeLatin1, decodeUtf8, encodeBase64, encodeLatin1 } from '@scop/octets'
import { formatCharacterString } from '../rdata-text.ts'

export type SvcParam = { readonly key: number; readonly value: Uint8Array }

/** Numbers of keys. */
export const SVC_PARAM = {
  MANDATORY: 0,
  ALPN: 1,
  NO_DEFAULT_ALPN: 2,
  PORT: 3,
  IPV4HINT: 4,
  ECH: 5,
  IPV6HINT: 6,
  DOHPATH: 7,
  OHTTP: 8,
  TLS_SUPPORTED_GROUPS: 9,
  DOCPATH: 10,
  PVD: 11,
} as const

/** `alpn`, or `key667`. */
export function formatSvcParamKey(key: number): string {
  return KEYS.find((each) => each.key === key)?.name ?? `key${key}`
}

export function parseSvcParamKey(text: string): number | undefined {
  const lower = text.toLowerCase()
  const known = KEYS.find((each) => each.name === lower)
  if (known !== undefined) return known.key
  const number = /^key(0|[1-9][0-9]{0,4})$/.exec(lower)?.[1]
  return number !== undefined && Number(number) <= 0xffff ? Number(number) : undefined
}

/** The value in text, its escapes undone; `undefined` if it is none of this key. The number of a key takes octets as they are. */
export function parseSvcParamValue(key: string, text: Uint8Array): Uint8Array | undefined {
  const known = KEYS.find((each) => each.name === key.toLowerCase())
  return known === undefined ? text : known.parse(text)
}

/** `port="853"`, `no-default-alpn` */
export function formatSvcParam({ key, value }: SvcParam): string {
  const known = KEYS.find((each) => each.key === key)
  const text = known === undefined ? value : known.format(value)
  return `${formatSvcParamKey(key)}${text.length === 0 ? '' : `=${formatCharacterString(text)}`}`
}

/** Whether the octets are a value of this key. */
export function isSvcParamValue({ key, value }: SvcParam): boolean {
  return KEYS.find((each) => each.key === key)?.check(value) ?? true
}

/** RFC 9460 §2.4.3, §7.1.1, §8: what is mandatory is there, and `no-default-alpn` stands with `alpn`. */
export function isSelfConsistent(params: readonly SvcParam[]): boolean {
  const has = (key: number): boolean => params.some((param) => param.key === key)
  const mandatory = params.find((param) => param.key === SVC_PARAM.MANDATORY)
  const all = mandatory === undefined || numbers16(mandatory.value).every(has)
  return all && (!has(SVC_PARAM.NO_DEFAULT_ALPN) || has(SVC_PARAM.ALPN))
}

/** The protocols of an `alpn` value. */
export function alpnProtocols(value: Uint8Array): readonly Uint8Array[] {
  const protocols: Uint8Array[] = []
  for (let at = 0; at < value.length; at += 1 + (value[at] ?? 0)) {
    protocols.push(value.subarray(at + 1, at + 1 + (value[at] ?? 0)))
  }
  return protocols
}

type Key = {
  readonly key: number
  readonly name: string
  check(value: Uint8Array): boolean
  parse(text: Uint8Array): Uint8Array | undefined
  /** As octets, escapes yet to be made. */
  format(value: Uint8Array): Uint8Array
}

function numbers16(octets: Uint8Array): readonly number[] {
  return Array.from({ length: octets.length >>> 1 }, (_, i) => ((octets[2 * i] ?? 0) << 8) | (octets[2 * i + 1] ?? 0))
}

function parseNumber16(digits: string): number | undefined {
  return /^[0-9]{1,5}$/.test(digits) && Number(digits) <= 0xffff ? Number(digits) : undefined
}

function encodeNumbers16(numbers: readonly number[]): Uint8Array {
  return Uint8Array.from(numbers.flatMap((number) => [number >>> 8, number & 0xff]))
}

/** Splits at commas; `\,` and `\\` stand for themselves. `undefined` for an item of no octets. RFC 9460 Appendix A.1 */
function splitList(text: Uint8Array): readonly Uint8Array[] | undefined {
  const items: Uint8Array[] = []
  let item: number[] = []
  for (let i = 0; i <= text.length; i++) {
    const octet = text[i]
    if (octet === undefined || octet === COMMA) {
      if (item.length === 0) return undefined
      items.push(Uint8Array.from(item))
      item = []
    } else if (octet === BACKSLASH) {
      const next = text[++i]
      if (next !== COMMA && next !== BACKSLASH) return undefined
      item.push(next)
    } else item.push(octet)
  }
  return items
}

function joinList(items: readonly Uint8Array[]): Uint8Array {
  const octets: number[] = []
  for (const [i, item] of items.entries()) {
    if (i > 0) octets.push(COMMA)
    for (const octet of item) {
      if (octet === COMMA || octet === BACKSLASH) octets.push(BACKSLASH)
      octets.push(octet)
    }
  }
  return Uint8Array.from(octets)
}

function addressHint(key: number, name: string, octets: 4 | 16): Key {
  const at = (value: Uint8Array, i: number): Uint8Array => value.subarray(i * octets, (i + 1) * octets)
  return {
    key,
    name,
    check: (value) => value.length > 0 && value.length % octets === 0,
    parse: (text) => {
      const addresses: Uint8Array[] = []
      for (const each of decodeLatin1(text).split(',')) {
        const address = parseIpAddress(each)
        if (!address.ok || ipVersion(address.value) !== (octets === 4 ? 4 : 6)) return undefined
        addresses.push(encodeIpAddress(address.value))
      }
      return concatOctets(addresses)
    },
    format: (value) => {
      const addresses = Array.from({ length: value.length / octets }, (_, i) => decodeIpAddress(at(value, i)))
      return encodeLatin1(addresses.map((address) => (address.ok ? address.value : '')).join(','))
    },
  }
}

function emptyValue(key: number, name: string): Key {
  return {
    key,
    name,
    check: (value) => value.length === 0,
    parse: (text) => (text.length === 0 ? text : undefined),
    format: (value) => value,
  }
}

const mandatory: Key = {
  key: SVC_PARAM.MANDATORY,
  name: 'mandatory',
  check: (value) => {
    const keys = numbers16(value)
    const ascend = keys.every((key, i) => i === 0 || key > (keys[i - 1] ?? 0))
    return value.length > 0 && value.length % 2 === 0 && ascend && keys[0] !== SVC_PARAM.MANDATORY
  },
  parse: (text) => {
    const keys = decodeLatin1(text).split(',').map(parseSvcParamKey)
    const known = keys.filter((key) => key !== undefined).sort((a, b) => a - b)
    return known.length === keys.length ? encodeNumbers16(known) : undefined
  },
  format: (value) => encodeLatin1(numbers16(value).map(formatSvcParamKey).join(',')),
}

const alpn: Key = stringList(SVC_PARAM.ALPN, 'alpn', 1)

// Segments of a path; none is the root.
const docpath: Key = stringList(SVC_PARAM.DOCPATH, 'docpath', 0)

function stringList(key: number, name: string, least: 0 | 1): Key {
  return {
    key,
    name,
    check: (value) => {
      let at = 0
      while (at < value.length && value[at] !== 0) at += 1 + (value[at] ?? 0)
      return value.length >= least && at === value.length
    },
    parse: (text) => {
      const items = text.length === 0 && least === 0 ? [] : splitList(text)
      if (items === undefined || items.some((item) => item.length > 0xff)) return undefined
      return concatOctets(items.flatMap((item) => [Uint8Array.of(item.length), item]))
    },
    format: (value) => joinList(alpnProtocols(value)),
  }
}

const tlsSupportedGroups: Key = {
  key: SVC_PARAM.TLS_SUPPORTED_GROUPS,
  name: 'tls-supported-groups',
  check: (value) => {
    const groups = numbers16(value)
    return value.length > 0 && value.length % 2 === 0 && new Set(groups).size === groups.length
  },
  parse: (text) => {
    const groups = decodeLatin1(text).split(',').map(parseNumber16)
    const known = groups.filter((group) => group !== undefined)
    return known.length === groups.length ? encodeNumbers16(known) : undefined
  },
  format: (value) => encodeLatin1(numbers16(value).join(',')),
}

const port: Key = {
  key: SVC_PARAM.PORT,
  name: 'port',
  check: (value) => value.length === 2,
  parse: (text) => {
    const number = parseNumber16(decodeLatin1(text))
    return number === undefined ? undefined : encodeNumbers16([number])
  },
  format: (value) => encodeLatin1(numbers16(value).join('')),
}

const ech: Key = {
  key: SVC_PARAM.ECH,
  name: 'ech',
  check: (value) => value.length > 0,
  parse: (text) => {
    const octets = decodeBase64(decodeLatin1(text))
    return octets.ok ? octets.value : undefined
  },
  format: (value) => encodeLatin1(encodeBase64(value)),
}

// A relative URI template of UTF-8 that has the variable "dns".
const dohpath: Key = {
  key: SVC_PARAM.DOHPATH,
  name: 'dohpath',
  check: (value) => {
    const text = decodeUtf8(value)
    if (!text.ok || !text.value.startsWith('/')) return false
    const expressions = text.value.match(/\{[^{}]*\}/g) ?? []
    return expressions.some((each) =>
      each.slice(1, -1).replace(OPERATOR, '').split(',').map(withoutModifier).includes('dns'),
    )
  },
  parse: (text) => text,
  format: (value) => value,
}

/** RFC 6570 §2.4 */
function withoutModifier(variable: string): string {
  return variable.replace(/(?:\*|:[0-9]{1,4})$/, '')
}

const KEYS: readonly Key[] = [
  mandatory,
  alpn,
  emptyValue(SVC_PARAM.NO_DEFAULT_ALPN, 'no-default-alpn'),
  port,
  addressHint(SVC_PARAM.IPV4HINT, 'ipv4hint', 4),
  ech,
  addressHint(SVC_PARAM.IPV6HINT, 'ipv6hint', 16),
  dohpath,
  emptyValue(SVC_PARAM.OHTTP, 'ohttp'),
  tlsSupportedGroups,
  docpath,
  emptyValue(SVC_PARAM.PVD, 'pvd'),
]
const COMMA = 0x2c
const BACKSLASH = 0x5c
const OPERATOR = /^[+#./;?&=,!@|]/ // RFC 6570 §2.2
