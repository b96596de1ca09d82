// The messages that the self-test sends: small, of 8-bit text, and large; each with lines that break careless servers.

import type { Mailbox } from '@scop/identifiers'
import { formatMailbox } from '@scop/identifiers'
import { formatDate } from '@scop/mime'

export type TestMessage = {
  readonly from: Mailbox
  readonly to: Mailbox
  readonly subject: string
  /** Left of the @ in the Message-ID. */
  readonly id: string
  readonly nowMs: number
  readonly kind: MessageKind
}
export type MessageKind = 'plain' | 'eight-bit' | 'large'

/** Complete, with every field that submission would add, so that whatever is added stands above it. */
export function formatTestMessage({ from, to, subject, id, nowMs, kind }: TestMessage): Buffer {
  const lines = [
    `From: <${formatMailbox(from)}>`,
    `To: <${formatMailbox(to)}>`,
    `Subject: ${subject}`,
    `Date: ${formatDate(nowMs, 0)}`,
    `Message-ID: <${id}@selftest.invalid>`,
    'MIME-Version: 1.0',
    `Content-Type: text/plain; charset=${kind === 'eight-bit' ? 'utf-8' : 'us-ascii'}`,
    `Content-Transfer-Encoding: ${kind === 'eight-bit' ? '8bit' : '7bit'}`,
    '',
    ...BODIES[kind],
  ]
  return Buffer.from(`${lines.join('\r\n')}\r\n`)
}

/** Dots alone and in front, a separator of mbox, commands, trailing white space, empty lines at the end. */
const TRAPS = ['.', '..', '.leading dot', 'From here on', 'MAIL FROM:<a@b.invalid>', 'QUIT', 'trailing blanks \t ', '']

const BODIES: Readonly<Record<MessageKind, readonly string[]>> = {
  plain: ['A message on its way through every service.', ...TRAPS, '', ''],
  'eight-bit': ['Größe, 重さ, вес: octets above 127.', ...TRAPS],
  large: [...TRAPS, ...Array.from({ length: 1400 }, (_, line) => `${line} `.padEnd(72, 'abcdefghij'))],
}
