// Tag=value lists, as signatures and key records are written.
// RFC 6376 §3.2; RFC 8616 §5 (UTF-8 in values)

import { err, ok, type Result } from '@scop/result'
import { DKIM_LIMITS, type DkimLimits } from './limits.ts'

export type Tag = {
  /** Without the white space around it; folds inside it are still there. */
  readonly value: string
  /** Where everything between "=" and ";" begins and ends, in the text. */
  readonly start: number
  readonly end: number
}

export type TagListError =
  | { readonly kind: 'tag-list-too-long'; readonly limit: number }
  | { readonly kind: 'too-many-tags'; readonly limit: number }
  | { readonly kind: 'bad-tag'; readonly at: number }
  | { readonly kind: 'bad-tag-value'; readonly tag: string }
  | { readonly kind: 'duplicate-tag'; readonly tag: string }

// tag-list = tag-spec *( ";" tag-spec ) [ ";" ]      RFC 6376 §3.2
/** Reads text of one character per octet. The order of the map is the order of the tags. */
export function parseTagList(
  text: string,
  limits: DkimLimits = DKIM_LIMITS,
): Result<ReadonlyMap<string, Tag>, TagListError> {
  if (text.length > limits.tagListOctets) return err({ kind: 'tag-list-too-long', limit: limits.tagListOctets })
  const tags = new Map<string, Tag>()
  for (let at = 0; at < text.length; ) {
    const semicolon = text.indexOf(';', at)
    const end = semicolon < 0 ? text.length : semicolon
    const equals = text.indexOf('=', at)
    // tag-spec = [FWS] tag-name [FWS] "=" [FWS] tag-value [FWS]
    if (equals < 0 || equals >= end) {
      if (semicolon < 0 && tags.size > 0 && trimFws(text.slice(at)) === '') break
      return err({ kind: 'bad-tag', at })
    }
    const name = trimFws(text.slice(at, equals))
    if (!TAG_NAME.test(name)) return err({ kind: 'bad-tag', at })
    if (tags.has(name)) return err({ kind: 'duplicate-tag', tag: name })
    if (tags.size === limits.tags) return err({ kind: 'too-many-tags', limit: limits.tags })
    const value = text.slice(equals + 1, end)
    if (NOT_A_VALUE.test(value)) return err({ kind: 'bad-tag-value', tag: name })
    tags.set(name, { value: trimFws(value), start: equals + 1, end })
    at = end + 1
  }
  return tags.size === 0 ? err({ kind: 'bad-tag', at: 0 }) : ok(tags)
}

/** Without white space and folds at its ends. */
export function trimFws(text: string): string {
  let start = 0
  let end = text.length
  while (start < end && isFws(text.charCodeAt(start))) start++
  while (end > start && isFws(text.charCodeAt(end - 1))) end--
  return text.slice(start, end)
}

/** Without any white space and folds. */
export function removeFws(text: string): string {
  return text.replace(FWS, '')
}

const isFws = (code: number): boolean => code === 0x20 || code === 0x09 || code === 0x0d || code === 0x0a

const TAG_NAME = /^[A-Za-z][A-Za-z0-9_]{0,63}$/
const FWS = /[ \t\r\n]+/g
// A control, or a line end that is no fold: CR without LF, LF without white space after it.
// oxlint-disable-next-line no-control-regex -- they are what is refused
const NOT_A_VALUE = /[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]|\r(?!\n)|\n(?![ \t])/
