// Mailing list fields: the commands (List-Help, -Subscribe, -Unsubscribe, -Post, -Owner, -Archive) and List-Id.
// RFC 2369 §2 (syntax), §3.4 (NO); RFC 2919 §3 (List-Id); RFC 8058 §3.1 (List-Unsubscribe-Post)

import { err, ok, type Result } from '@scop/result'
import { isSpace, readComment, skipCfws } from './cfws.ts'
import { decodeComment } from './encoded-word.ts'
import { decodePhrase } from './phrase.ts'

export type ListCommand = {
  /** In the order of preference that the list gave; foreign, and of any scheme. */
  readonly urls: readonly string[]
  /** List-Post: NO */
  readonly no: boolean
  /** Encoded words decoded. */
  readonly comments: readonly string[]
}
export type ListFieldError = { readonly kind: 'no-url' | 'unclosed-angle-bracket' | 'no-list-id'; readonly at: number }

export type ListLimits = { readonly urls: number; readonly comments: number }
export const LIST_LIMITS: ListLimits = { urls: 50, comments: 50 }

/** Reads the value of a command field. Readers stop at what they do not understand (RFC 2369 §2), as this does. */
// list-command = "<" url ">" *( "," "<" url ">" ) / "NO"      comments anywhere
export function parseListCommand(value: string, limits: ListLimits = LIST_LIMITS): Result<ListCommand, ListFieldError> {
  const urls: string[] = []
  const comments: string[] = []
  let no = false
  let at = 0
  while (at < value.length && urls.length < limits.urls) {
    const char = value.charAt(at)
    if (isSpace(char.charCodeAt(0)) || char === ',') at++
    else if (char === '(') {
      const comment = readComment(value, at)
      if (comments.length < limits.comments) comments.push(decodeComment(value.slice(at, comment.end)))
      at = comment.end
    } else if (char === '<') {
      const end = value.indexOf('>', at)
      if (end < 0)
        return urls.length > 0 ? ok({ urls, no: false, comments }) : err({ kind: 'unclosed-angle-bracket', at })
      // RFC 2369 §2: white space within the brackets goes
      const url = value.slice(at + 1, end).replace(SPACES, '')
      if (url !== '') urls.push(url)
      at = end + 1
    } else if (urls.length === 0 && NO.test(value.slice(at, at + 3))) {
      no = true
      at += 2
    } else break
  }
  return urls.length === 0 && !no ? err({ kind: 'no-url', at }) : ok({ urls, no: no && urls.length === 0, comments })
}

export type ListId = {
  /** Encoded words decoded. */
  readonly description: string | undefined
  /** Lower case: it is compared without regard to case. RFC 2919 §6 */
  readonly id: string
}

/** Reads the value of List-Id; the last `<…>` counts, and a value with none that is one word is taken whole. */
// list-id-header = "List-ID:" [phrase] "<" list-id ">"
export function parseListId(value: string): Result<ListId, ListFieldError> {
  const close = value.lastIndexOf('>')
  const open = close < 0 ? -1 : value.lastIndexOf('<', close)
  if (open < 0) {
    const at = skipCfws(value, 0)
    const bare = value.slice(at).trim()
    return BARE_ID.test(bare) ? ok({ description: undefined, id: bare.toLowerCase() }) : err({ kind: 'no-list-id', at })
  }
  const id = value.slice(open + 1, close).replace(SPACES, '')
  if (id === '') return err({ kind: 'no-list-id', at: open })
  const description = decodePhrase(value.slice(0, open))
  return ok({ description: description === '' ? undefined : description, id: id.toLowerCase() })
}

/** Whether List-Unsubscribe-Post says that one request unsubscribes. RFC 8058 §3.1 */
export function isOneClickUnsubscribe(value: string): boolean {
  return ONE_CLICK.test(value)
}

const NO = /^no(?![A-Za-z0-9])/i
const SPACES = /[ \t\r\n]+/g
const BARE_ID = /^[^\s<>()",;:]+$/
const ONE_CLICK = /^[ \t\r\n]*List-Unsubscribe=One-Click[ \t\r\n]*$/i
