// What can be wrong with a message, whichever mechanism reads it.

import { err, type Result } from '@scop/result'

export type SyntaxFailure =
  /** Not what the grammar says; `reason` is a sentence for a log. */
  | { readonly kind: 'malformed'; readonly reason: string }
  /** Beyond a limit. */
  | { readonly kind: 'too-long'; readonly what: string; readonly length: number; readonly limit: number }
  /** A mandatory extension (`m=`), and we know none. RFC 5802 §5.1 */
  | { readonly kind: 'unsupported-extension' }

export const malformed = (reason: string): Result<never, SyntaxFailure> => err({ kind: 'malformed', reason })

export const tooLong = (what: string, length: number, limit: number): Result<never, SyntaxFailure> =>
  err({ kind: 'too-long', what, length, limit })
