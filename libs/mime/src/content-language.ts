// Content-Language: the languages that a body is for.
// RFC 3282 §2 (grammar), RFC 5646 §2.1 (tags: kept as written, not looked up)

import { err, ok, type Result } from '@scop/result'
import { endOfToken, skipCfws } from './cfws.ts'

export type ContentLanguageError =
  | { readonly kind: 'no-language' | 'bad-language' | 'no-comma'; readonly at: number }
  | { readonly kind: 'too-many-languages'; readonly at: number }

/** Tags that are read and written. */
export const MAX_LANGUAGES = 200

/** Reads the value, folded or not. Empty elements are skipped. */
// Language-List = Language-Tag [CFWS] *("," [CFWS] Language-Tag [CFWS])
export function parseContentLanguage(value: string): Result<readonly string[], ContentLanguageError> {
  const tags: string[] = []
  for (let at = skipCfws(value, 0); at < value.length; at = skipCfws(value, at)) {
    if (value[at] === ',') {
      at++
      continue
    }
    const end = endOfToken(value, at)
    const tag = value.slice(at, end)
    if (!TAG.test(tag)) return err({ kind: 'bad-language', at })
    if (tags.length >= MAX_LANGUAGES) return err({ kind: 'too-many-languages', at })
    tags.push(tag)
    at = skipCfws(value, end)
    if (at < value.length && value[at] !== ',') return err({ kind: 'no-comma', at })
  }
  return tags.length === 0 ? err({ kind: 'no-language', at: 0 }) : ok(tags)
}

/** The value of the field, for `formatField`. `at` of an error: which tag. */
export function formatContentLanguage(tags: readonly string[]): Result<string, ContentLanguageError> {
  if (tags.length === 0) return err({ kind: 'no-language', at: 0 })
  if (tags.length > MAX_LANGUAGES) return err({ kind: 'too-many-languages', at: MAX_LANGUAGES })
  const bad = tags.findIndex((tag) => !TAG.test(tag))
  return bad < 0 ? ok(tags.join(', ')) : err({ kind: 'bad-language', at: bad })
}

const TAG = /^[A-Za-z]{1,8}(?:-[A-Za-z0-9]{1,8}){0,20}$/
