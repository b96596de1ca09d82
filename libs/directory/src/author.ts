// Who changed the directory, and why: one line each, fit for a Git commit.

import { err, ok, type Result } from '@scop/result'
import type { Limits } from './limits.ts'

/** Author and reason of a change. */
export type Because = { readonly author: string; readonly reason: string }

export type BecauseError =
  | { readonly kind: 'bad-author'; readonly reason: 'empty' | 'too-long' | 'disallowed-character' }
  | { readonly kind: 'bad-reason'; readonly reason: 'empty' | 'too-long' | 'disallowed-character' }

/** One line without control characters; the author without `<` and `>`, which Git would read. */
export function parseBecause({ author, reason }: Because, limits: Limits): Result<Because, BecauseError> {
  const wrongAuthor = wrong(author, limits.authorCharacters, NOT_AUTHOR)
  if (wrongAuthor !== undefined) return err({ kind: 'bad-author', reason: wrongAuthor })
  const wrongReason = wrong(reason, limits.reasonCharacters, NOT_REASON)
  if (wrongReason !== undefined) return err({ kind: 'bad-reason', reason: wrongReason })
  return ok({ author: author.trim(), reason: reason.trim() })
}

function wrong(
  text: string,
  limit: number,
  disallowed: RegExp,
): 'empty' | 'too-long' | 'disallowed-character' | undefined {
  if (!LETTER.test(text)) return 'empty' // Git drops punctuation at the ends of a name
  if (text.length > limit) return 'too-long'
  return disallowed.test(text) ? 'disallowed-character' : undefined
}

const LETTER = /[\p{L}\p{N}]/u
const NOT_AUTHOR = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}<>]/u
const NOT_REASON = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}]/u
