// Message identifiers, read: Message-ID, In-Reply-To, References, Content-ID, Resent-Message-ID.
// RFC 5322 §3.6.4 (grammar), §4.5.4 (obsolete phrases); RFC 2045 §7 (Content-ID)

import { isSpace, readComment, readQuotedString, skipCfws } from './cfws.ts'

export type MessageIdDefect = {
  readonly kind:
    | 'phrase' // words between identifiers, as old In-Reply-To has them
    | 'no-angle-brackets'
    | 'no-at-sign'
    | 'unclosed'
    | 'empty'
    | 'space-in-id'
    | 'too-many-ids'
    | 'id-too-long'
  /** In UTF-16 code units from the start of the value. */
  readonly at: number
}

export type ParsedMessageIds = {
  /** In their order, without angle brackets, comments and white space. */
  readonly ids: readonly string[]
  readonly defects: readonly MessageIdDefect[]
}

export type MessageIdLimits = {
  readonly ids: number
  /** Characters of one identifier; a longer one is left out. */
  readonly idCharacters: number
  readonly defects: number
}

export const MESSAGE_ID_LIMITS: MessageIdLimits = { ids: 2000, idCharacters: 998, defects: 100 }

/** Reads every identifier of a value. None at all is an empty list: never an error. */
// "In-Reply-To:" 1*msg-id / *(phrase / msg-id)      msg-id = [CFWS] "<" id-left "@" id-right ">" [CFWS]
export function parseMessageIds(value: string, limits: MessageIdLimits = MESSAGE_ID_LIMITS): ParsedMessageIds {
  const ids: string[] = []
  const defects: MessageIdDefect[] = []
  const bare: { readonly text: string; readonly at: number }[] = []
  const note = (kind: MessageIdDefect['kind'], at: number): void => {
    if (defects.length < limits.defects) defects.push({ kind, at })
  }
  const add = (id: string, at: number): boolean => {
    if (ids.length >= limits.ids) {
      note('too-many-ids', at)
      return false
    }
    if (id.length > limits.idCharacters) note('id-too-long', at)
    else ids.push(id)
    return true
  }
  for (let at = skipCfws(value, 0); at < value.length; at = skipCfws(value, at)) {
    if (value.charCodeAt(at) === OPEN_ANGLE) {
      const { id, end, spaced, closed } = readId(value, at)
      if (!closed) note('unclosed', at)
      if (spaced) note('space-in-id', at)
      if (id === '') note('empty', at)
      else {
        if (!id.includes('@')) note('no-at-sign', at)
        if (!add(id, at)) break
      }
      at = end
    } else if (value.charCodeAt(at) === QUOTE) {
      if (bare.length < limits.ids) bare.push({ text: '', at })
      at = readQuotedString(value, at).end
    } else {
      const start = at
      while (at < value.length && !isSpace(value.charCodeAt(at)) && !BARE_END.has(value.charCodeAt(at))) at++
      if (at === start)
        at++ // a ">" or "," on its own
      else if (bare.length < limits.ids) bare.push({ text: value.slice(start, at), at: start })
    }
  }
  const [only] = bare
  if (ids.length > 0) {
    if (only !== undefined) note('phrase', only.at)
    return { ids, defects }
  }
  for (const { text, at } of bare) {
    if (!PLAIN_ID.test(text) || (!text.includes('@') && bare.length > 1)) {
      note('phrase', at)
      continue
    }
    note('no-angle-brackets', at)
    if (!text.includes('@')) note('no-at-sign', at)
    if (!add(text, at)) break
  }
  return { ids, defects }
}

/** `<id> <id>`: the value of a field, for `formatField`. */
export function formatMessageIds(ids: readonly string[]): string {
  for (const id of ids) if (!canWriteMessageId(id)) throw new Error(`Cannot write message identifier "${id}"`)
  return ids.map((id) => `<${id}>`).join(' ')
}

export const canWriteMessageId = (id: string): boolean => WRITABLE_ID.test(id)

function readId(
  text: string,
  start: number,
): { readonly id: string; readonly end: number; readonly spaced: boolean; readonly closed: boolean } {
  PLAIN.lastIndex = start
  const plain = PLAIN.exec(text)?.[1]
  if (plain !== undefined) return { id: plain, end: PLAIN.lastIndex, spaced: false, closed: true }
  let id = ''
  let spaced = false
  let at = start + 1
  while (at < text.length) {
    const code = text.charCodeAt(at)
    if (code === CLOSE_ANGLE) return { id, end: at + 1, spaced, closed: true }
    if (code === OPEN_ANGLE) {
      // `<<a@b>>`: the second is taken as part of the first; after text it begins another identifier
      if (id !== '') return { id, end: at, spaced, closed: false }
      at++
    } else if (isSpace(code)) {
      spaced = true
      at++
    } else if (code === OPEN) at = readComment(text, at).end
    else if (code === QUOTE) {
      const quoted = readQuotedString(text, at)
      if (!quoted.closed) return { id, end: text.length, spaced, closed: false }
      id += text.slice(at, quoted.end).replace(LINE_ENDS, '')
      at = quoted.end
    } else {
      const from = at
      while (at < text.length && !isSpace(text.charCodeAt(at)) && !ID_END.has(text.charCodeAt(at))) at++
      id += text.slice(from, at)
    }
  }
  return { id, end: at, spaced, closed: false }
}

const QUOTE = 0x22
const OPEN = 0x28
const OPEN_ANGLE = 0x3c
const CLOSE_ANGLE = 0x3e
const LINE_ENDS = /[\r\n]/g
/** As nearly all are written. */
const PLAIN = /<([^<>()"\\ \t\r\n]+)>/y
const ID_END: ReadonlySet<number> = new Set([QUOTE, OPEN, OPEN_ANGLE, CLOSE_ANGLE])
const BARE_END: ReadonlySet<number> = new Set([QUOTE, OPEN, OPEN_ANGLE, CLOSE_ANGLE, 0x2c])
const PLAIN_ID = /^[^\s<>()"\\,;:]+$/
/** What reads back as itself: no bracket, comment or white space outside of quotes. */
const WRITABLE_ID =
  /^(?:[^\s<>()"\x00-\x1f\x7f]|"(?:[^"\\\r\n\x00-\x08\x0a-\x1f\x7f]|\\[^\r\n\x00-\x08\x0a-\x1f\x7f])*")+$/
