// Replies as they arrive from a server that may be hostile: bounded in lines and octets, one code throughout.
// Quirk `bare-code`: `250` without a separator, as some servers end a reply.
// RFC 5321 §4.2 (syntax), §4.2.1 (multi-line), RFC 2034 §3 (enhanced codes)

import { decodeLatin1, type GrowingBuffer } from '@scop/octets'
import { err, ok, type Result } from '@scop/result'
import type { ReplySyntaxError } from './client-error.ts'
import { type EnhancedCode, type Reply, type ReplyLine, replyLines } from './reply.ts'

export type ReplyLimits = { readonly replyLineOctets: number; readonly replyLines: number }

export class ReplyReader {
  readonly #limits: ReplyLimits
  #code: number | undefined
  #lines: string[] = []

  constructor(limits: ReplyLimits) {
    this.#limits = limits
  }

  /** The next whole reply, taken from `buffer`; `undefined`: more octets are needed. */
  read(buffer: GrowingBuffer): Result<Reply | undefined, ReplySyntaxError> {
    for (;;) {
      const held = buffer.peek()
      const lf = held.indexOf(LF)
      if ((lf < 0 ? held.length : lf + 1) > this.#limits.replyLineOctets) return err('line-too-long')
      if (lf < 0) return ok(undefined)
      if (lf === 0 || held[lf - 1] !== CR) return err('bare-lf')
      const line = decodeLatin1(buffer.take(lf + 1).subarray(0, lf - 1))
      const code = Number(line.slice(0, 3))
      if (!CODE.test(line.slice(0, 3))) return err('bad-code')
      if (this.#code !== undefined && this.#code !== code) return err('code-changes')
      const separator = line.slice(3, 4)
      if (separator !== '' && separator !== ' ' && separator !== '-') return err('bad-separator')
      if (this.#lines.length >= this.#limits.replyLines) return err('too-many-lines')
      this.#code = code
      this.#lines.push(line.slice(4))
      if (separator === '-') continue
      const lines = this.#lines
      this.#code = undefined
      this.#lines = []
      return ok(makeReply(code, lines))
    }
  }

  /** Whether part of a reply has been read. */
  get pending(): boolean {
    return this.#code !== undefined
  }
}

function makeReply(code: number, lines: readonly string[]): Reply {
  const enhanced = ENHANCED.exec(lines[0] ?? '')?.[1]
  const matches = enhanced !== undefined && Number(enhanced[0]) === Math.floor(code / 100)
  const texts = matches
    ? lines.map((line) => (line.startsWith(enhanced) ? line.slice(enhanced.length + 1) : line))
    : lines
  return {
    code,
    enhanced: matches ? (enhanced as EnhancedCode) : undefined, // as: ENHANCED has this shape
    // Lines of a reply stay lines, however long: the limit on octets has been seen to.
    lines: texts.map((text) => replyLines(text).join('') as ReplyLine), // as: joined of such lines
  }
}

const LF = 0x0a
const CR = 0x0d
// Reply-code = %x32-35 %x30-35 %x30-39, the second digit read loosely      RFC 5321 §4.2
const CODE = /^[2-5][0-9][0-9]$/
const ENHANCED = /^([245]\.[0-9]{1,3}\.[0-9]{1,3})(?: |$)/
