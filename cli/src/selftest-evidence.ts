// What a stored message tells about its way: the fields that were put above it, and what the verifier wrote.
// RFC 5321 §4.4 (Received), RFC 8601 §2.2 (Authentication-Results)

import type { DomainName } from '@scop/identifiers'
import { claimsAuthservId, type Field, parseHeaderSection } from '@scop/mime'
import { equalOctets } from '@scop/octets'

export type StoredEvidence = {
  /** Whether the last octets of the stored message are exactly those that were submitted. */
  readonly equalBelow: boolean
  /** Names of the fields above, top first. */
  readonly above: readonly string[]
  /** Octets above that belong to no field: none, if all is well. */
  readonly strayOctets: number
  readonly received: readonly Received[]
  readonly signatures: readonly { readonly selector: string; readonly algorithm: string }[]
  readonly verdicts: readonly Verdict[]
}
export type Received = { readonly text: string; readonly with: string | undefined; readonly id: string | undefined }
export type Verdict = {
  readonly method: string
  readonly result: string
  /** `header.d`, `header.s` … */
  readonly properties: Readonly<Record<string, string>>
}

/** Compares `stored` with `submitted`; believes Authentication-Results of `authservId` only, and only above the message. */
export function readEvidence(stored: Uint8Array, submitted: Uint8Array, authservId: DomainName): StoredEvidence {
  const cut = stored.length - submitted.length
  const equalBelow = cut >= 0 && equalOctets(stored.subarray(cut), submitted)
  const above = stored.subarray(0, Math.max(cut, 0))
  const parsed = parseHeaderSection(above)
  const fields = parsed.ok ? parsed.value.header.fields : []
  const fieldOctets = fields.reduce((sum, field) => sum + field.octets.length, 0)
  const named = (name: string): readonly string[] =>
    fields.filter((field) => field.name.toLowerCase() === name).map((field) => textOf(field))
  return {
    equalBelow,
    above: fields.map(({ name }) => name),
    strayOctets: above.length - fieldOctets,
    received: named('received').map(readReceived),
    signatures: named('dkim-signature').map((text) => {
      const tags = readTags(text)
      return { selector: tags['s'] ?? '', algorithm: tags['a'] ?? '' }
    }),
    verdicts: fields
      .filter((field) => claimsAuthservId(field, authservId))
      .flatMap((field) => readVerdicts(textOf(field))),
  }
}

const textOf = (field: Field): string => field.text.trim()

function readReceived(text: string): Received {
  const bare = withoutComments(text)
  return { text, with: /\swith\s+([A-Z0-9]+)/i.exec(bare)?.[1], id: /\sid\s+([^\s;]+)/i.exec(bare)?.[1] }
}

/** `mx.two.example; dkim=pass header.d=one.example header.s=a; …` */
function readVerdicts(text: string): readonly Verdict[] {
  return withoutComments(text)
    .split(';')
    .slice(1)
    .flatMap((part) => {
      const words = part.trim().split(/\s+/)
      const [method, result] = words[0]?.split('=') ?? []
      if (method === undefined || result === undefined) return []
      const properties = words.slice(1).map((word): [string, string] => {
        const at = word.indexOf('=')
        return [word.slice(0, at), word.slice(at + 1).replace(/^"|"$/g, '')]
      })
      return [
        { method: method.toLowerCase(), result: result.toLowerCase(), properties: Object.fromEntries(properties) },
      ]
    })
}

function readTags(text: string): Readonly<Record<string, string>> {
  const tags = text.split(';').map((tag): [string, string] => {
    const at = tag.indexOf('=')
    return [tag.slice(0, at).trim(), tag.slice(at + 1).replace(/\s+/g, '')]
  })
  return Object.fromEntries(tags)
}

/** Text without comments, and with quoted strings as one word: they hold reasons for people. What we read, our own bottles wrote. */
function withoutComments(text: string): string {
  let depth = 0
  let quoted = false
  let kept = ''
  for (const character of text) {
    if (character === '"' && depth === 0) quoted = !quoted
    if (quoted) kept += /[\s;()]/.test(character) ? '_' : character
    else if (character === '(') depth++
    else if (character === ')' && depth > 0) depth--
    else if (depth === 0) kept += character
  }
  return kept
}
