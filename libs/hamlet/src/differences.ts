// Where two readings of one message differ, by kind. Line ends and white space at the end of text are a kind of their own,
// as most readers change them.

import { equalOctets } from '@scop/octets'
import type { Reading, ReadingPart } from './reading.ts'

/** `tree`: which parts there are and of which kind; parts are then not compared. `refused`: the reader gave an error. */
export const DIFFERENCE_KINDS = [
  'refused',
  'tree',
  'type',
  'charset',
  'file-name',
  'disposition',
  'octets',
  'line-ends',
  'text',
  'addresses',
  'display-names',
  'subject',
  'date',
  'message-id',
] as const
export type DifferenceKind = (typeof DIFFERENCE_KINDS)[number]

export type Difference = { readonly kind: DifferenceKind; readonly expected: string; readonly read: string }

/** `tells`: the kinds that the other reader says anything of. */
export function differencesBetween(
  expected: Reading,
  read: Reading,
  tells: ReadonlySet<DifferenceKind>,
): readonly Difference[] {
  const found: Difference[] = []
  const compare = (kind: DifferenceKind, a: string | number | undefined, b: string | number | undefined): void => {
    if (a !== b) found.push({ kind, expected: shown(a), read: shown(b) })
  }
  const shapes = [shapeOf(expected.root), shapeOf(read.root)] as const
  compare('tree', ...shapes)
  if (shapes[0] === shapes[1]) compareParts(expected.root, read.root, compare)
  compare('subject', squeezed(expected.subject), squeezed(read.subject))
  compare('date', expected.date, read.date)
  compare('message-id', expected.messageId?.trim(), read.messageId?.trim())
  compare('addresses', listed(expected, 'address'), listed(read, 'address'))
  if (expected.addresses.length === read.addresses.length) {
    compare('display-names', listed(expected, 'name'), listed(read, 'name'))
  }
  return found.filter(({ kind }) => tells.has(kind))
}

type Compare = (kind: DifferenceKind, a: string | undefined, b: string | undefined) => void

function compareParts(a: ReadingPart, b: ReadingPart, compare: Compare): void {
  compare('type', a.type, b.type)
  compare('charset', a.charset, b.charset)
  compare('file-name', a.name, b.name)
  compare('disposition', a.disposition, b.disposition)
  if (a.octets !== undefined && b.octets !== undefined) compareOctets(a.octets, b.octets, compare)
  if (a.text !== undefined && b.text !== undefined) compare('text', plain(a.text), plain(b.text))
  for (const [place, inner] of a.parts.entries()) {
    const other = b.parts[place]
    if (other !== undefined) compareParts(inner, other, compare)
  }
}

function compareOctets(a: Uint8Array, b: Uint8Array, compare: Compare): void {
  if (equalOctets(a, b)) return
  const [left, right] = [latin1(a), latin1(b)]
  compare(plain(left) === plain(right) ? 'line-ends' : 'octets', left, right)
}

/** `*` is a leaf, `(…)` holds parts; which leaf is which is compared by type. */
function shapeOf(part: ReadingPart): string {
  const isMessage = part.type === 'message/rfc822' || part.type === 'message/global'
  if (part.parts.length === 0) return part.type.startsWith('multipart/') ? '()' : '*'
  return `${isMessage ? 'm' : ''}(${part.parts.map(shapeOf).join(' ')})`
}

const listed = ({ addresses }: Reading, key: 'name' | 'address'): string =>
  JSON.stringify(addresses.map((one) => one[key]))
const squeezed = (text: string | undefined): string | undefined => text?.replace(/\s+/g, ' ').trim()
const plain = (text: string): string => text.replace(/\r\n?/g, '\n').trimEnd()
const latin1 = (octets: Uint8Array): string => new TextDecoder('windows-1252').decode(octets)

function shown(value: string | number | undefined): string {
  const text = value === undefined ? 'nothing' : JSON.stringify(value)
  return text.length > SHOWN ? `${text.slice(0, SHOWN)}…` : text
}

const SHOWN = 160
