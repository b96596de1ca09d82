// What tells two messages apart, by what they mean: fields by their grammar, bodies without their transfer encoding. How
// a field is folded, which encoding a body has and what a boundary is do not count, nor the letter case of a field's name;
// the order of fields does. RFC 2045 §2.4, §6; RFC 2046 §5.1.1; RFC 5322 §3.6

import {
  bodyRange,
  childrenOf,
  type Entity,
  type EntityField,
  parseMessage,
  type Part,
  parseTransferEncoding,
  readEntity,
  readPartFields,
} from '@scop/mime'
import { equalOctets } from '@scop/octets'

/** Values are unfolded, and else as written. */
export type MailDifference = { readonly part: string } & (
  | { readonly kind: 'field-added' | 'field-removed'; readonly name: string; readonly value: string }
  | { readonly kind: 'field-changed'; readonly name: string; readonly before: string; readonly after: string }
  /** Places among the fields of the header, from 0. */
  | { readonly kind: 'field-moved'; readonly name: string; readonly from: number; readonly to: number }
  | { readonly kind: 'part-added' | 'part-removed'; readonly type: string }
  /** Of leaf, message and multipart. */
  | { readonly kind: 'structure-changed'; readonly before: string; readonly after: string }
  | ({ readonly kind: 'body-changed' | 'preamble-changed' | 'epilogue-changed' } & OctetDifference)
)

export type OctetDifference = {
  /** How many octets, decoded. */
  readonly before: number
  readonly after: number
  /** The first that differs. */
  readonly at: number
  /** Whether LF for CRLF is all of it. */
  readonly onlyLineEnds: boolean
}

export type MailDiff = {
  readonly identical: boolean
  readonly sameMeaning: boolean
  readonly differences: readonly MailDifference[]
  /** Bodies that are equal, though encoded otherwise. */
  readonly encodedOtherwise: readonly { readonly part: string; readonly before: string; readonly after: string }[]
}

export function diffMails(before: Uint8Array, after: Uint8Array): MailDiff {
  const [a, b] = [sideOf(before), sideOf(after)]
  const found: Found = { differences: [], encodedOtherwise: [] }
  diffParts(a, b, found)
  return { identical: equalOctets(before, after), sameMeaning: found.differences.length === 0, ...found }
}

type Found = {
  readonly differences: MailDifference[]
  readonly encodedOtherwise: MailDiff['encodedOtherwise'][number][]
}

/** A part both ways: as written and as what it means. */
type Side = { readonly part: Part; readonly entity: Entity; readonly message: Uint8Array }

function sideOf(message: Uint8Array): Side {
  const tree = parseMessage(message)
  return { part: tree.root, entity: readEntity(tree, message), message }
}

// Recursion is as deep as the trees, which `MessageLimits.depth` bounds.
function diffParts(a: Side, b: Side, found: Found): void {
  const place = a.part.path.join('.')
  found.differences.push(...diffFields(place, fieldsOf(a), fieldsOf(b)))
  const [before, after] = [a.entity.body, b.entity.body]
  if (before.kind === 'leaf' && after.kind === 'leaf') return diffLeaves(a, b, before.octets, after.octets, found)
  if (before.kind !== after.kind) {
    found.differences.push({ kind: 'structure-changed', part: place, before: before.kind, after: after.kind })
    return
  }
  if (before.kind === 'multipart' && after.kind === 'multipart') {
    diffOctets('preamble-changed', place, before.preamble, after.preamble, found)
    diffOctets('epilogue-changed', place, before.epilogue, after.epilogue, found)
  }
  const [ours, theirs] = [insideOf(a), insideOf(b)]
  for (const [index, one] of ours.entries()) {
    const other = theirs[index]
    if (other === undefined) found.differences.push(wholePart('part-removed', one))
    else diffParts(one, other, found)
  }
  for (const one of theirs.slice(ours.length)) found.differences.push(wholePart('part-added', one))
}

function diffLeaves(a: Side, b: Side, before: Uint8Array, after: Uint8Array, found: Found): void {
  const place = a.part.path.join('.')
  if (!equalOctets(before, after)) return diffOctets('body-changed', place, before, after, found)
  const [ours, theirs] = [encodingOf(a), encodingOf(b)]
  if (equalOctets(writtenBody(a), writtenBody(b)) && ours === theirs) return
  // What an unknown encoding holds nobody can say; its field differs.
  if (isKnown(ours) && isKnown(theirs)) found.encodedOtherwise.push({ part: place, before: ours, after: theirs })
}

function diffOctets(
  kind: 'body-changed' | 'preamble-changed' | 'epilogue-changed',
  part: string,
  before: Uint8Array,
  after: Uint8Array,
  found: Found,
): void {
  if (equalOctets(before, after)) return
  let at = 0
  while (at < before.length && before[at] === after[at]) at++
  const onlyLineEnds = equalButLineEnds(before, after)
  found.differences.push({ kind, part, before: before.length, after: after.length, at, onlyLineEnds })
}

function equalButLineEnds(a: Uint8Array, b: Uint8Array): boolean {
  let [i, j] = [0, 0]
  while (i < a.length || j < b.length) {
    if (a[i] === CR && a[i + 1] === LF) i++
    if (b[j] === CR && b[j + 1] === LF) j++
    if (a[i++] !== b[j++]) return false
  }
  return true
}

const wholePart = (kind: 'part-added' | 'part-removed', { part }: Side): MailDifference => ({
  kind,
  part: part.path.join('.'),
  type: part.type,
})

function insideOf({ part, entity: { body }, message }: Side): readonly Side[] {
  const entities = body.kind === 'multipart' ? body.parts : body.kind === 'message' ? [body.message] : []
  return childrenOf(part).flatMap((child, index) => {
    const entity = entities[index]
    return entity === undefined ? [] : [{ part: child, entity, message }]
  })
}

const encodingOf = ({ part }: Side): string => readPartFields(part).transferEncoding ?? '7bit'

function writtenBody({ part, message }: Side): Uint8Array {
  const { start, end } = bodyRange(part)
  return message.subarray(start, end)
}

/** `key` is equal where name and meaning are. */
type KeyedField = { readonly name: string; readonly key: string; readonly value: string; readonly place: number }

function fieldsOf({ part, entity }: Side): readonly KeyedField[] {
  return part.header.fields.flatMap((field, place) => {
    const meaning = entity.fields[place]
    if (meaning === undefined) return []
    const value = field.text.trim()
    // What the body is without it is compared.
    if (meaning.kind === 'content-transfer-encoding' && isKnown(meaning.token)) return []
    return [{ name: field.name, key: JSON.stringify(meaningOf(meaning)), value, place }]
  })
}

function isKnown(token: string): boolean {
  const parsed = parseTransferEncoding(token)
  return parsed.ok && parsed.value.known !== undefined
}

function meaningOf(field: EntityField): object {
  const name = field.name.toLowerCase()
  if (field.kind !== 'content-type' || field.contentType.type !== 'multipart') return { ...field, name }
  const parameters = field.contentType.parameters.filter((parameter) => parameter.name.toLowerCase() !== 'boundary')
  return { ...field, name, contentType: { ...field.contentType, parameters } }
}

/** Those of one name that mean the same belong together, then the others of that name, in order. */
function diffFields(part: string, a: readonly KeyedField[], b: readonly KeyedField[]): readonly MailDifference[] {
  const equal = pairUp(a, b, ({ key }) => key)
  const named = pairUp(equal.onlyA, equal.onlyB, ({ name }) => name.toLowerCase())
  const pairs = [...equal.pairs, ...named.pairs].sort(([one], [other]) => one.place - other.place)
  // The rest are in order, once those that are not in the longest row that rises are taken out.
  const still = longestRise(pairs.map(([, { place }]) => place))
  return [
    ...named.onlyA.map(({ name, value }) => ({ kind: 'field-removed', part, name, value }) as const),
    ...named.onlyB.map(({ name, value }) => ({ kind: 'field-added', part, name, value }) as const),
    ...named.pairs.map(
      ([before, after]) =>
        ({ kind: 'field-changed', part, name: after.name, before: before.value, after: after.value }) as const,
    ),
    ...pairs
      .filter((_, index) => !still.has(index))
      .map(([{ place: from }, { name, place: to }]) => ({ kind: 'field-moved', part, name, from, to }) as const),
  ]
}

type Pair = readonly [KeyedField, KeyedField]

function pairUp(
  a: readonly KeyedField[],
  b: readonly KeyedField[],
  keyOf: (field: KeyedField) => string,
): { readonly pairs: readonly Pair[]; readonly onlyA: readonly KeyedField[]; readonly onlyB: readonly KeyedField[] } {
  const waiting = Map.groupBy(b, keyOf)
  const used = new Map<string, number>()
  const pairs: Pair[] = []
  const onlyA: KeyedField[] = []
  for (const field of a) {
    const key = keyOf(field)
    const next = used.get(key) ?? 0
    const other = waiting.get(key)?.[next]
    if (other === undefined) onlyA.push(field)
    else {
      used.set(key, next + 1)
      pairs.push([field, other])
    }
  }
  const taken = new Set(pairs.map(([, other]) => other))
  return { pairs, onlyA, onlyB: b.filter((field) => !taken.has(field)) }
}

/** Which of the numbers, all different, make up a longest row that rises: by index. O(n log n). */
export function longestRise(numbers: readonly number[]): ReadonlySet<number> {
  /** By length less one: the index of the smallest number that ends such a row. */
  const ends: number[] = []
  const before: (number | undefined)[] = []
  for (const [index, number] of numbers.entries()) {
    let [low, high] = [0, ends.length]
    while (low < high) {
      const middle = (low + high) >> 1
      if ((numbers[ends[middle] ?? 0] ?? 0) < number) low = middle + 1
      else high = middle
    }
    before[index] = ends[low - 1]
    ends[low] = index
  }
  const rise = new Set<number>()
  for (let at = ends.at(-1); at !== undefined; at = before[at]) rise.add(at)
  return rise
}

const CR = 0x0d
const LF = 0x0a
