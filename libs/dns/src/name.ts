// Domain names as the DNS carries them: labels of any octets, compared without regard to ASCII case, case kept.
// RFC 1035 §3.1 (wire), §5.1 (text), RFC 4343 (case), RFC 4034 §6.1 (order), RFC 4592 §2.1.1 (wildcards)

import { encodeLatin1 } from '@scop/octets'
import { err, ok, type Result } from '@scop/result'

/** A name, uncompressed, with its root label. Made by `decodeName` and `parseName` and by nothing else outside this library. */
export class Name {
  /** The wire form in the case in which it came. */
  readonly octets: Uint8Array
  #key: string | undefined

  /** `octets` must be a whole, checked wire form. */
  constructor(octets: Uint8Array) {
    this.octets = octets
  }

  /** The wire form in lower case, one character per octet: equal names have equal keys. */
  get key(): string {
    this.#key ??= lowerKey(this.octets)
    return this.#key
  }
}

export type NameError = {
  readonly kind:
    | 'empty-label'
    | 'label-too-long'
    | 'name-too-long'
    | 'bad-escape'
    | 'not-an-octet'
    | 'not-absolute'
    | 'not-a-name'
  /** Offset in the octets or in the text. */
  readonly offset: number
}

export const ROOT: Name = new Name(new Uint8Array(1))
export const MAX_NAME_OCTETS = 255
export const MAX_LABEL_OCTETS = 63

/** Reads an uncompressed name that fills `octets` exactly. */
export function decodeName(octets: Uint8Array): Result<Name, NameError> {
  if (octets.length > MAX_NAME_OCTETS) return err({ kind: 'name-too-long', offset: MAX_NAME_OCTETS })
  let at = 0
  while (at < octets.length) {
    const length = octets[at] ?? 0
    if (length === 0)
      return at + 1 === octets.length ? ok(new Name(octets)) : err({ kind: 'not-a-name', offset: at + 1 })
    if (length > MAX_LABEL_OCTETS) return err({ kind: 'label-too-long', offset: at })
    at += length + 1
  }
  return err({ kind: 'not-a-name', offset: octets.length })
}

/**
 * Reads the text form: labels joined by dots, `\X` and `\DDD` escapes. A name without its final dot is completed by
 * `origin`, and refused where there is none. `parseName(text, ROOT)` takes `example.org` and `example.org.` alike.
 */
export function parseName(text: string, origin?: Name): Result<Name, NameError> {
  if (text === '.') return ok(ROOT)
  if (text === '') return err({ kind: 'empty-label', offset: 0 })
  const wire = SCRATCH
  let labelAt = 0
  let at = 1
  for (let i = 0; i < text.length; i++) {
    let code = text.charCodeAt(i)
    if (code === DOT) {
      const length = at - labelAt - 1
      if (length === 0) return err({ kind: 'empty-label', offset: i })
      wire[labelAt] = length
      labelAt = at++
      if (at > MAX_NAME_OCTETS) return err({ kind: 'name-too-long', offset: i })
      continue
    }
    if (code === BACKSLASH) {
      const escape = readEscape(text, i)
      if (escape === undefined) return err({ kind: 'bad-escape', offset: i })
      code = escape.octet
      i += escape.length - 1
    }
    if (code > 0xff) return err({ kind: 'not-an-octet', offset: i })
    if (at - labelAt > MAX_LABEL_OCTETS) return err({ kind: 'label-too-long', offset: i })
    if (at >= MAX_NAME_OCTETS) return err({ kind: 'name-too-long', offset: i })
    wire[at++] = code
  }
  const last = at - labelAt - 1
  if (last === 0) {
    wire[labelAt] = 0
    return ok(new Name(wire.slice(0, at)))
  }
  if (origin === undefined) return err({ kind: 'not-absolute', offset: text.length })
  wire[labelAt] = last
  if (at + origin.octets.length > MAX_NAME_OCTETS) return err({ kind: 'name-too-long', offset: text.length })
  wire.set(origin.octets, at)
  return ok(new Name(wire.slice(0, at + origin.octets.length)))
}

/** The text form, with its final dot; `parseName` reads it back octet for octet. */
export function formatName(name: Name): string {
  const { octets } = name
  if (octets.length === 1) return '.'
  let text = ''
  for (let at = 0; octets[at] !== 0; ) {
    const end = at + 1 + (octets[at] ?? 0)
    for (let i = at + 1; i < end; i++) text += formatOctet(octets[i] ?? 0)
    text += '.'
    at = end
  }
  return text
}

export function equalNames(a: Name, b: Name): boolean {
  return a === b || (a.octets.length === b.octets.length && a.key === b.key)
}

/** Canonical order: by labels from the right, each compared as lower-case octets. RFC 4034 §6.1 */
export function compareNames(a: Name, b: Name): number {
  const [left, right] = [labelStarts(a.key), labelStarts(b.key)]
  for (let i = left.length - 1, j = right.length - 1; i >= 0 && j >= 0; i--, j--) {
    const [x, y] = [labelAt(a.key, left[i] ?? 0), labelAt(b.key, right[j] ?? 0)]
    if (x !== y) return x < y ? -1 : 1 // one character per octet, so this is the order of the octets
  }
  return left.length - right.length
}

/** Whether `name` is `ancestor` or a name below it. */
export function isAtOrBelow(name: Name, ancestor: Name): boolean {
  const extra = name.octets.length - ancestor.octets.length
  if (extra < 0) return false
  let at = 0
  while (at < extra) at += 1 + (name.octets[at] ?? 0)
  return at === extra && name.key.endsWith(ancestor.key)
}

/** The name without its first label; `undefined` for the root. */
export function parentName(name: Name): Name | undefined {
  const length = name.octets[0] ?? 0
  return length === 0 ? undefined : new Name(name.octets.subarray(length + 1))
}

/** Labels without the root's. */
export function labelCount(name: Name): number {
  return labelStarts(name.key).length
}

/** The labels from the left, as octets, without the root's. */
export function labels(name: Name): readonly Uint8Array[] {
  return labelStarts(name.key).map((at) => name.octets.subarray(at + 1, at + 1 + (name.octets[at] ?? 0)))
}

/** `label` above `name`; `undefined` if the whole would be too long or `label` is not 1 to 63 octets. */
export function prependLabel(label: Uint8Array, name: Name): Name | undefined {
  const length = label.length + 1 + name.octets.length
  if (label.length < 1 || label.length > MAX_LABEL_OCTETS || length > MAX_NAME_OCTETS) return undefined
  const octets = new Uint8Array(length)
  octets[0] = label.length
  octets.set(label, 1)
  octets.set(name.octets, label.length + 1)
  return new Name(octets)
}

/** The wildcard child: `*.example.org.` of `example.org.` */
export function wildcardOf(name: Name): Name | undefined {
  return prependLabel(ASTERISK, name)
}

export function isWildcard(name: Name): boolean {
  return name.octets[0] === 1 && name.octets[1] === ASTERISK[0]
}

/** An ASCII letter in lower case, and all else as it is. */
export function lowerOctet(octet: number): number {
  return octet >= 0x41 && octet <= 0x5a ? octet + 0x20 : octet
}

/** The key of the parent, from a key other than the root's. */
export function parentKey(key: string): string {
  return key.slice(1 + key.charCodeAt(0))
}

/** `\DDD` or `\X` at `at`, which holds the backslash; `undefined` if it is cut or above 255. */
export function readEscape(text: string, at: number): { readonly octet: number; readonly length: number } | undefined {
  const first = text.charCodeAt(at + 1)
  if (Number.isNaN(first) || first > 0xff) return undefined
  if (first < ZERO || first > NINE) return { octet: first, length: 2 }
  const digits = text.slice(at + 1, at + 4)
  const octet = Number(digits)
  return DECIMAL_3.test(digits) && octet <= 0xff ? { octet, length: 4 } : undefined
}

function formatOctet(octet: number): string {
  if (octet <= 0x20 || octet >= 0x7f) return `\\${String(octet).padStart(3, '0')}`
  const character = String.fromCharCode(octet)
  return SPECIAL.includes(character) ? `\\${character}` : character
}

function labelStarts(key: string): readonly number[] {
  const starts: number[] = []
  for (let at = 0; key.charCodeAt(at) !== 0; at += 1 + key.charCodeAt(at)) starts.push(at)
  return starts
}

function labelAt(key: string, at: number): string {
  return key.slice(at + 1, at + 1 + key.charCodeAt(at))
}

function lowerKey(octets: Uint8Array): string {
  // Length octets are below 64 and so never letters.
  const codes: number[] = []
  for (let i = 0; i < octets.length; i++) codes.push(lowerOctet(octets[i] ?? 0))
  return String.fromCharCode(...codes)
}

const DOT = 0x2e
const BACKSLASH = 0x5c
const ZERO = 0x30
const NINE = 0x39
const ASTERISK = encodeLatin1('*')
const SPECIAL = '."\\();@$'
const DECIMAL_3 = /^[0-9]{3}$/
const SCRATCH = new Uint8Array(MAX_NAME_OCTETS + 1)
