// $GENERATE: one line for many records, as BIND has it: a range, and `$` for the number in the owner and in the data.
// BIND 9 Administrator Reference Manual, "The $GENERATE Directive"

import { err, ok, type Result } from '@scop/result'
import type { Limits } from './limits.ts'
import type { Token } from './zone-file-lexer.ts'

export type GenerateError = {
  readonly kind: 'generate-range' | 'generate-modifier' | 'generate-too-many' | 'field-missing'
  /** The token at fault; `undefined` where one is missing. */
  readonly token: Token | undefined
}

/** One record to be: its owner, and all that stands behind it, as text of a zone file. */
export type GeneratedLine = { readonly owner: string; readonly rest: string }

/** `$GENERATE start-stop[/step] owner [ttl] [class] type data`; a quoted token that is all the data is opened. */
export function expandGenerate(
  tokens: readonly Token[],
  limits: Limits,
): Result<readonly GeneratedLine[], GenerateError> {
  const [, range, owner, ...rest] = tokens
  if (range === undefined || owner === undefined || rest.length < 2)
    return err({ kind: 'field-missing', token: undefined })
  const parts = RANGE.exec(range.text)
  const [start, stop, step] = [Number(parts?.[1]), Number(parts?.[2]), Number(parts?.[3] ?? 1)]
  const inRange = start <= stop && stop <= MAX_INT && step >= 1 && step <= MAX_INT
  if (parts === null || !inRange) return err({ kind: 'generate-range', token: range })
  const count = Math.floor((stop - start) / step) + 1
  if (count > limits.generatedRecords) return err({ kind: 'generate-too-many', token: range })
  const last = rest.at(-1)
  const data = rest.length < 5 && last?.quoted === true ? [...rest.slice(0, -1), openQuoted(last)] : rest
  const pattern = data.map(({ text, quoted }) => (quoted ? `"${text}"` : text)).join(' ')
  const lines: GeneratedLine[] = []
  for (let number = start; number <= stop; number += step) {
    const [left, right] = [substitute(owner.text, number), substitute(pattern, number)]
    if (left === undefined) return err({ kind: 'generate-modifier', token: owner })
    if (right === undefined) return err({ kind: 'generate-modifier', token: last })
    lines.push({ owner: left, rest: right })
  }
  return ok(lines)
}

/** Its quotes go, and its escaped quotes are quotes from now on: `"\"a b\""` is one string `a b`. */
function openQuoted(token: Token): Token {
  const text = token.text.replace(/\\([^])/g, (escape, character: string) => (character === '"' ? character : escape))
  return { ...token, text, quoted: false }
}

// "$" ["{" offset ["," width ["," base]] "}"]; "$$" and "\$" are a dollar
function substitute(text: string, number: number): string | undefined {
  let made = ''
  for (let at = 0; at < text.length; at++) {
    const character = text[at] ?? ''
    if (character === '\\') made += character + (text[++at] ?? '')
    else if (character !== '$') made += character
    else if (text[at + 1] === '$') made += text[at++]
    else if (text[at + 1] !== '{') made += String(number)
    else {
      MODIFIER.lastIndex = at + 1
      const parts = MODIFIER.exec(text)
      const value = number + Number(parts?.[1])
      const width = Number(parts?.[2] ?? 0)
      if (parts === null || Math.abs(value) > MAX_INT || width > MOST_WIDTH) return undefined
      made += formatNumber(value, width, parts[3] ?? 'd')
      at += parts[0].length
    }
  }
  return made
}

/** Negative numbers count modulo 2^32 where the base is not ten. */
function formatNumber(value: number, width: number, base: string): string {
  if (base === 'd')
    return `${value < 0 ? '-' : ''}${String(Math.abs(value)).padStart(value < 0 ? width - 1 : width, '0')}`
  const digits = (value >>> 0).toString(base === 'o' ? 8 : 16)
  const text = base === 'n' || base === 'N' ? formatNibbles(digits, width) : digits.padStart(width, '0')
  return base === 'X' || base === 'N' ? text.toUpperCase() : text
}

/** The last first, with dots between them, which the width counts: an even one ends with a dot. */
function formatNibbles(digits: string, width: number): string {
  const text = digits
    .padStart(Math.ceil(width / 2), '0')
    .split('')
    .reverse()
    .join('.')
  return text.length < width ? `${text}.` : text
}

const RANGE = /^([0-9]{1,10})-([0-9]{1,10})(?:\/([0-9]{1,10}))?$/
const MODIFIER = /\{([+-]?[0-9]{1,10})(?:,([0-9]{1,3})(?:,([doxXnN]))?)?\}/y
const MAX_INT = 0x7fffffff
const MOST_WIDTH = 127
