// SPF records: terms in their order, each with where it stands, and their text again.
// RFC 7208 §4.5 (which TXT record), §4.6.1 (terms), §5 (mechanisms), §6 (modifiers), §12 (grammar)

import { encodeIpAddress, type IpAddress, ipVersion, parseIpAddress } from '@scop/identifiers'
import { err, ok, type Result } from '@scop/result'
import { SPF_LIMITS, type SpfLimits } from './limits.ts'
import { type MacroString, type MacroStringError, parseMacroString } from './macro-string.ts'

/** The result of a mechanism that matches. */
export type Qualifier = '+' | '-' | '~' | '?'

export type Mechanism = { readonly source: string; readonly qualifier: Qualifier } & (
  | { readonly kind: 'all' }
  | { readonly kind: 'include' | 'exists'; readonly target: MacroString }
  /** `target` undefined: the domain itself. */
  | {
      readonly kind: 'a' | 'mx'
      readonly target: MacroString | undefined
      readonly bits4: number
      readonly bits6: number
    }
  | { readonly kind: 'ptr'; readonly target: MacroString | undefined }
  | { readonly kind: 'ip4' | 'ip6'; readonly network: IpAddress; readonly bits: number }
)

export type SpfRecord = {
  readonly source: string
  readonly mechanisms: readonly Mechanism[]
  readonly redirect: MacroString | undefined
  readonly explanation: MacroString | undefined
  /** Modifiers that nobody defined; they do nothing. RFC 7208 §6 */
  readonly unknownModifiers: readonly string[]
}

export type SpfRecordError =
  | { readonly kind: 'record-too-long' | 'too-many-terms'; readonly limit: number }
  | { readonly kind: 'not-ascii' | 'not-spf' }
  | {
      readonly kind:
        | 'unknown-mechanism'
        | 'bad-argument'
        | 'bad-network'
        | 'bad-prefix-length'
        | 'bad-domain-spec'
        | 'repeated-modifier'
        | 'bad-modifier'
        | MacroStringError['kind']
      readonly term: string
    }

/** Whether a TXT record is meant as SPF: its version, alone or with a space behind. RFC 7208 §4.5 */
export function isSpfRecord(text: string): boolean {
  return VERSION.test(text)
}

// record = version terms *SP
export function parseSpfRecord(text: string, limits: SpfLimits = SPF_LIMITS): Result<SpfRecord, SpfRecordError> {
  if (text.length > limits.recordOctets) return err({ kind: 'record-too-long', limit: limits.recordOctets })
  if (!isSpfRecord(text)) return err({ kind: 'not-spf' })
  if (!ASCII.test(text)) return err({ kind: 'not-ascii' })
  const terms = text
    .slice(VERSION_CHARACTERS)
    .split(' ')
    .filter((term) => term !== '')
  if (terms.length > limits.terms) return err({ kind: 'too-many-terms', limit: limits.terms })
  const mechanisms: Mechanism[] = []
  const unknownModifiers: string[] = []
  let redirect: MacroString | undefined
  let explanation: MacroString | undefined
  for (const term of terms) {
    const modifier = MODIFIER.exec(term)
    if (modifier === null) {
      const mechanism = parseMechanism(term)
      if (!mechanism.ok) return mechanism
      mechanisms.push(mechanism.value)
      continue
    }
    const [, name = '', value = ''] = modifier
    const known = name.toLowerCase()
    if (known !== 'redirect' && known !== 'exp') {
      const macro = parseMacroString(value)
      if (!macro.ok) return err({ kind: 'bad-modifier', term })
      unknownModifiers.push(term)
      continue
    }
    if ((known === 'redirect' ? redirect : explanation) !== undefined) return err({ kind: 'repeated-modifier', term })
    const target = parseDomainSpec(value, term)
    if (!target.ok) return target
    if (known === 'redirect') redirect = target.value
    else explanation = target.value
  }
  return ok({ source: text, mechanisms, redirect, explanation, unknownModifiers })
}

/** The record again, each term as it was written, one space between. */
export function formatSpfRecord(record: SpfRecord): string {
  const terms = record.mechanisms.map(({ source }) => source)
  if (record.redirect !== undefined) terms.push(`redirect=${record.redirect.source}`)
  if (record.explanation !== undefined) terms.push(`exp=${record.explanation.source}`)
  return ['v=spf1', ...terms, ...record.unknownModifiers].join(' ')
}

// directive = [ qualifier ] mechanism
function parseMechanism(term: string): Result<Mechanism, SpfRecordError> {
  const match = MECHANISM.exec(term)
  if (match === null) return err({ kind: 'unknown-mechanism', term })
  const [, sign = '', name = '', argument = ''] = match
  const qualifier = isQualifier(sign) ? sign : '+'
  const base = { source: term, qualifier }
  const kind = name.toLowerCase()
  switch (kind) {
    case 'all':
      return argument === '' ? ok({ ...base, kind }) : err({ kind: 'bad-argument', term })
    case 'include':
    case 'exists': {
      if (!argument.startsWith(':')) return err({ kind: 'bad-argument', term })
      const target = parseDomainSpec(argument.slice(1), term)
      return target.ok ? ok({ ...base, kind, target: target.value }) : target
    }
    case 'ptr': {
      const target = parseOptionalDomainSpec(argument, term)
      return target.ok ? ok({ ...base, kind, target: target.value }) : target
    }
    case 'a':
    case 'mx': {
      // dual-cidr-length = [ ip4-cidr-length ] [ "/" ip6-cidr-length ]; a slash may also stand inside a macro
      const [, spec = '', length4, length6] = DUAL_LENGTH.exec(argument) ?? []
      const bits4 = parseLength(length4, 32)
      const bits6 = parseLength(length6, 128)
      if (bits4 === undefined || bits6 === undefined) return err({ kind: 'bad-prefix-length', term })
      const target = parseOptionalDomainSpec(spec, term)
      return target.ok ? ok({ ...base, kind, target: target.value, bits4, bits6 }) : target
    }
    case 'ip4':
    case 'ip6':
      return parseNetwork(base, kind, argument)
    default:
      return err({ kind: 'unknown-mechanism', term })
  }
}

// ip4 = "ip4" ":" ip4-network [ ip4-cidr-length ]
function parseNetwork(
  base: { readonly source: string; readonly qualifier: Qualifier },
  kind: 'ip4' | 'ip6',
  argument: string,
): Result<Mechanism, SpfRecordError> {
  const term = base.source
  if (!argument.startsWith(':')) return err({ kind: 'bad-argument', term })
  const [text = '', length, ...more] = argument.slice(1).split('/')
  const network = parseIpAddress(text)
  if (!network.ok || ipVersion(network.value) !== (kind === 'ip4' ? 4 : 6)) return err({ kind: 'bad-network', term })
  const bits = parseLength(length, encodeIpAddress(network.value).length * 8)
  if (bits === undefined || more.length > 0) return err({ kind: 'bad-prefix-length', term })
  return ok({ ...base, kind, network: network.value, bits })
}

function parseOptionalDomainSpec(argument: string, term: string): Result<MacroString | undefined, SpfRecordError> {
  if (argument === '') return ok(undefined)
  return argument.startsWith(':') ? parseDomainSpec(argument.slice(1), term) : err({ kind: 'bad-argument', term })
}

// domain-spec = macro-string domain-end; domain-end = ( "." toplabel [ "." ] ) / macro-expand
function parseDomainSpec(text: string, term: string): Result<MacroString, SpfRecordError> {
  const macro = parseMacroString(text)
  if (!macro.ok) return err({ kind: macro.error.kind, term })
  const last = macro.value.parts.at(-1)
  if (last === undefined) return err({ kind: 'bad-domain-spec', term })
  if (typeof last !== 'string') return macro
  return DOMAIN_END.test(text) ? macro : err({ kind: 'bad-domain-spec', term })
}

function parseLength(text: string | undefined, most: number): number | undefined {
  if (text === undefined) return most
  return LENGTH.test(text) && Number(text) <= most ? Number(text) : undefined
}

const isQualifier = (text: string): text is Qualifier => text.length === 1 && '+-~?'.includes(text)

const VERSION = /^v=spf1(?: |$)/i
const VERSION_CHARACTERS = 'v=spf1'.length
const ASCII = /^[\x20-\x7e]*$/
// modifier = name "=" …; name = ALPHA *( ALPHA / DIGIT / "-" / "_" / "." )
const MODIFIER = /^([A-Za-z][A-Za-z0-9_.-]*)=(.*)$/
const MECHANISM = /^([-+~?]?)([A-Za-z][A-Za-z0-9_.-]*)((?:[:/].*)?)$/
const DUAL_LENGTH = /^(.*?)(?:\/(\d[^/%{}]*))?(?:\/\/(\d[^/%{}]*))?$/
const LENGTH = /^(?:0|[1-9][0-9]{0,2})$/
// "." toplabel ["."]: letters and digits, not digits alone, no hyphen at its ends
const DOMAIN_END = /\.(?![0-9]+\.?$)[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?\.?$/
