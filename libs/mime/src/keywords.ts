// Keywords: phrases parted by commas.
// RFC 5322 §3.6.5, §4.5.5 (obs-keywords: empty ones)

import { err, ok, type Result } from '@scop/result'
import { type AddressToken, scanAddresses } from './address-tokens.ts'
import { encodePhrase } from './encode-words.ts'
import { phraseText } from './phrase.ts'

export type KeywordLimits = {
  /** UTF-16 code units; what is beyond is not read. */
  readonly characters: number
  /** Those after are not read. */
  readonly keywords: number
}
export const KEYWORD_LIMITS: KeywordLimits = { characters: 64 * 1024, keywords: 1000 }

/** Reads the unfolded value: encoded words decoded, quotes and comments gone, empty elements skipped. Never fails. */
// keywords = "Keywords:" phrase *("," phrase)
export function parseKeywords(value: string, limits: KeywordLimits = KEYWORD_LIMITS): readonly string[] {
  const keywords: string[] = []
  let phrase: AddressToken[] = []
  const end = (): void => {
    if (phrase.length > 0 && keywords.length < limits.keywords) keywords.push(phraseText(phrase, () => {}))
    phrase = []
  }
  const text = value.slice(0, limits.characters)
  for (const token of scanAddresses(text, Number.POSITIVE_INFINITY, () => {}).tokens) {
    if (token.kind === ',') end()
    else phrase.push(token)
  }
  end()
  return keywords
}

export type FormatKeywordsError = {
  readonly kind: 'control-character' | 'not-unicode' | 'too-many-keywords' | 'too-long'
}

/** The value of the field, for `formatField`. */
export function formatKeywords(
  keywords: readonly string[],
  limits: KeywordLimits = KEYWORD_LIMITS,
): Result<string, FormatKeywordsError> {
  if (keywords.length > limits.keywords) return err({ kind: 'too-many-keywords' })
  for (const keyword of keywords) {
    if (CONTROL.test(keyword)) return err({ kind: 'control-character' })
    if (!keyword.isWellFormed()) return err({ kind: 'not-unicode' })
  }
  const value = keywords.map((keyword) => encodePhrase(keyword, 0, 1)).join(', ')
  return value.length > limits.characters ? err({ kind: 'too-long' }) : ok(value)
}

const CONTROL = /[\x00-\x08\x0a-\x1f\x7f]/
