// The first words of a message, for lists: of its plain text, else of its HTML without tags.
// RFC 8621 §4.1.4 (preview); HTML is not parsed, only read past: the answer is text and must be shown as text

import { chooseBodies } from './choose-bodies.ts'
import type { MessageTree, Part } from './message-tree.ts'
import { decodeBodyText } from './part-fields.ts'

export type PreviewLimits = {
  /** UTF-16 code units of the answer. */
  readonly characters: number
  /** Octets of a body that are looked at, still encoded. */
  readonly bodyOctets: number
}

export const PREVIEW_LIMITS: PreviewLimits = { characters: 256, bodyOctets: 64 * 1024 }

/** White space runs are one space; '' where there is no text. */
export function previewText(tree: MessageTree, message: Uint8Array, limits: PreviewLimits = PREVIEW_LIMITS): string {
  for (const part of chooseBodies(tree).textBody) {
    if (!part.type.startsWith('text/') || part.content.kind !== 'leaf') continue
    if (part.content.body.start === part.content.body.end) continue
    const { text } = decodeBodyText(beginning(part, message, limits.bodyOctets), message)
    const plain = part.type === 'text/html' ? withoutTags(text) : text
    const words = plain.replace(SPACES, ' ').trim()
    if (words !== '')
      return words
        .slice(0, limits.characters)
        .toWellFormed()
        .replace(/\ufffd$/, '')
        .trimEnd()
  }
  return ''
}

/** Whole lines, so that no character is cut; without a line end in reach, so many octets. */
function beginning(part: Part, message: Uint8Array, octets: number): Part {
  if (part.content.kind !== 'leaf') return part
  const { start, end } = part.content.body
  if (end - start <= octets) return part
  const lines = message.lastIndexOf(LF, start + octets - 1) + 1
  const body = { start, end: lines > start ? lines : start + octets }
  return { ...part, range: { start: part.range.start, end: body.end }, content: { kind: 'leaf', body } }
}

/** In one pass: a tag that never ends takes the rest with it. */
export function withoutTags(html: string): string {
  let text = ''
  let at = 0
  for (;;) {
    const open = html.indexOf('<', at)
    text += html.slice(at, open < 0 ? html.length : open)
    if (open < 0) break
    if (html.startsWith('<!--', open)) at = after(html, '-->', open + 4)
    else {
      const name = TAG.exec(html.slice(open + 1, open + 16))?.[1]?.toLowerCase()
      at = after(html, '>', open)
      if (name !== undefined && HIDDEN.has(name)) at = afterClosing(html, name, at)
      else text += ' '
    }
  }
  return text.replace(ENTITY, (whole, name: string) => ENTITIES.get(name.toLowerCase()) ?? whole)
}

const after = (html: string, mark: string, from: number): number => {
  const found = html.indexOf(mark, from)
  return found < 0 ? html.length : found + mark.length
}

/** After `</name`, in any letter case; where it never closes, the end. */
function afterClosing(html: string, name: string, from: number): number {
  for (let at = html.indexOf('</', from); at >= 0; at = html.indexOf('</', at + 2)) {
    if (html.slice(at + 2, at + 2 + name.length).toLowerCase() === name) return after(html, '>', at)
  }
  return html.length
}

const LF = 0x0a
const SPACES = /(?:[\s\u00ad\u200b\u200c\ufeff]|\u034f|\u200d)+/g // with what is drawn as nothing
const TAG = /^([a-z]+)/i
const HIDDEN: ReadonlySet<string> = new Set(['script', 'style', 'title', 'head'])
const ENTITY = /&(#39|[a-z]{2,5});/gi
const ENTITIES: ReadonlyMap<string, string> = new Map([
  ['amp', '&'],
  ['lt', '<'],
  ['gt', '>'],
  ['quot', '"'],
  ['nbsp', ' '],
  ['apos', "'"],
  ['#39', "'"],
])
