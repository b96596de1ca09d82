// Replies: a code, an enhanced status code and lines of printable ASCII that cannot hold a CR or LF, by construction.
// RFC 5321 §4.2 (replies), §4.5.3.1.5 (512 octets), RFC 3463 §2 (enhanced status codes)

import type { Brand } from '@scop/identifiers'
import { encodeBase64 } from '@scop/octets'

/** Printable ASCII and space. */
export type ReplyLine = Brand<string, 'ReplyLine'>

/** `class.subject.detail`, as `5.7.1`. */
export type EnhancedCode = `${2 | 4 | 5}.${number}.${number}`

export type Reply = {
  /** 200 to 599. */
  readonly code: number
  readonly enhanced: EnhancedCode | undefined
  /** At least one; may be empty text. */
  readonly lines: readonly ReplyLine[]
}

/**
 * A reply of one or more texts. A character that is not printable ASCII becomes `?`, so text from a stranger can be
 * quoted; long texts are folded into several lines.
 */
export function reply(code: number, enhanced: EnhancedCode | undefined, ...texts: readonly string[]): Reply {
  if (!(Number.isInteger(code) && code >= 200 && code <= 599)) throw new Error(`Cannot reply ${code}: not a reply code`)
  return { code, enhanced, lines: texts.length === 0 ? replyLines('') : texts.flatMap(replyLines) }
}

/** The text cut into lines that a reply can carry. */
export function replyLines(text: string): readonly ReplyLine[] {
  const printable = text.replace(/[^\x20-\x7e]/gu, '?')
  const lines: ReplyLine[] = []
  for (let at = 0; at === 0 || at < printable.length; at += LINE_OCTETS) {
    lines.push(printable.slice(at, at + LINE_OCTETS) as ReplyLine) // as: this function makes the brand
  }
  return lines
}

/** A challenge: 334 and base64 on one line, however long. RFC 4954 §4 */
export function challengeReply(octets: Uint8Array): Reply {
  return { code: 334, enhanced: undefined, lines: [encodeBase64(octets) as ReplyLine] } // as: base64 is printable ASCII
}

/** `2yz`: done; `3yz`: go on; `4yz`: not now; `5yz`: no. */
export type Severity = 2 | 3 | 4 | 5

export function severity({ code }: Reply): Severity {
  return code < 300 ? 2 : code < 400 ? 3 : code < 500 ? 4 : 5
}

/** For logs and delivery reports: `550 5.1.1 No such user`. */
export function formatReplyText({ code, enhanced, lines }: Reply): string {
  return [String(code), ...(enhanced === undefined ? [] : [enhanced]), lines.join(' ')].join(' ').trimEnd()
}

// Reply-line = *( Reply-code "-" [ textstring ] CRLF ) Reply-code [ SP textstring ] CRLF      RFC 5321 §4.2
export function encodeReply({ code, lines }: Reply): string {
  let text = ''
  const last = lines.length - 1
  for (const [i, line] of lines.entries()) text += `${code}${i === last ? ' ' : '-'}${line}\r\n`
  return text
}

const LINE_OCTETS = 480 // leaves room for the code, an enhanced code and CRLF within 512
