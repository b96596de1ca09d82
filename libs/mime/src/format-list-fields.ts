// Mailing list fields, written: `parseListCommand` and `parseListId` read back the same.
// RFC 2369 §2, §3.4; RFC 2919 §3

import { err, ok, type Result } from '@scop/result'
import { encodeComment, encodePhrase } from './encode-words.ts'
import { LIST_LIMITS, type ListCommand, type ListId } from './list-fields.ts'

export type FormatListFieldError = {
  readonly kind:
    | 'no-url'
    | 'bad-url'
    | 'url-and-no'
    | 'too-many-urls'
    | 'too-many-comments'
    | 'bad-list-id'
    | 'empty-description'
    | 'control-character'
    | 'not-unicode'
}

/** The value of a command field, for `formatField`: comments come last. */
// list-command = "<" url ">" *( "," "<" url ">" ) / "NO"
export function formatListCommand(command: ListCommand): Result<string, FormatListFieldError> {
  const { urls, no, comments } = command
  if (urls.length === 0 && !no) return err({ kind: 'no-url' })
  if (urls.length > 0 && no) return err({ kind: 'url-and-no' })
  if (urls.length > LIST_LIMITS.urls) return err({ kind: 'too-many-urls' })
  // Where the last URL is read, so is the end.
  if (comments.length > (urls.length === LIST_LIMITS.urls ? 0 : LIST_LIMITS.comments))
    return err({ kind: 'too-many-comments' })
  for (const url of urls) if (!URL_TEXT.test(url) || !url.isWellFormed()) return err({ kind: 'bad-url' })
  const bad = refused(comments)
  if (bad !== undefined) return err({ kind: bad })
  const words = no ? 'NO' : urls.map((url) => `<${url}>`).join(', ')
  return ok([words, ...comments.map(encodeComment)].join(' '))
}

/** The value of List-Id, for `formatField`. */
// list-id-header = "List-ID:" [phrase] "<" list-id ">"
export function formatListId({ description, id }: ListId): Result<string, FormatListFieldError> {
  if (!URL_TEXT.test(id) || !id.isWellFormed() || id !== id.toLowerCase()) return err({ kind: 'bad-list-id' })
  if (description === undefined) return ok(`<${id}>`)
  if (description === '') return err({ kind: 'empty-description' })
  const bad = refused([description])
  return bad === undefined ? ok(`${encodePhrase(description)} <${id}>`) : err({ kind: bad })
}

function refused(texts: readonly string[]): 'control-character' | 'not-unicode' | undefined {
  for (const text of texts) {
    if (CONTROL.test(text)) return 'control-character'
    if (!text.isWellFormed()) return 'not-unicode'
  }
  return undefined
}

const URL_TEXT = /^[^\x00-\x20\x7f<>]+$/
const CONTROL = /[\x00-\x08\x0a-\x1f\x7f]/
