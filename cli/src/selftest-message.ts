// The messages that the self-test sends: small, of 8-bit text, and large; each with lines that break careless servers.

import type { Mailbox } from '@scop/identifiers'
import { formatMailDomain } from '@scop/identifiers'
import { type Entity, type EntityField, formatEntity } from '@scop/mime'
import { encodeUtf8 } from '@scop/octets'
import { expectOk } from '@scop/result'

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
  const charset = kind === 'eight-bit' ? 'utf-8' : 'us-ascii'
  const date = { epochMilliseconds: nowMs - (nowMs % 1000), offsetMinutes: 0, zoneUnknown: false }
  const entity: Entity = {
    fields: [
      addressField('From', from),
      addressField('To', to),
      { name: 'Subject', kind: 'unstructured', text: subject },
      { name: 'Date', kind: 'date', date },
      { name: 'Message-ID', kind: 'message-ids', ids: [`${id}@selftest.invalid`] },
      { name: 'MIME-Version', kind: 'mime-version', version: { major: 1, minor: 0 } },
      {
        name: 'Content-Type',
        kind: 'content-type',
        contentType: { type: 'text', subtype: 'plain', parameters: [{ name: 'charset', value: charset }] },
      },
      {
        name: 'Content-Transfer-Encoding',
        kind: 'content-transfer-encoding',
        token: kind === 'eight-bit' ? '8bit' : '7bit',
      },
    ],
    // Not composed: the encoding is to be the one that is tested, and the traps are not to be escaped.
    body: { kind: 'leaf', octets: encodeUtf8(`${BODIES[kind].join('\r\n')}\r\n`) },
  }
  return Buffer.from(expectOk(formatEntity(entity), 'write a test message'))
}

function addressField(name: string, { localPart, domain }: Mailbox): EntityField {
  const mailbox = { localPart, domain: formatMailDomain(domain), displayName: undefined, comments: [] }
  return { name, kind: 'addresses', addresses: [{ kind: 'mailbox', ...mailbox }] }
}

/** Dots alone and in front, a separator of mbox, commands, trailing white space, empty lines at the end. */
const TRAPS = ['.', '..', '.leading dot', 'From here on', 'MAIL FROM:<a@b.invalid>', 'QUIT', 'trailing blanks \t ', '']

const BODIES: Readonly<Record<MessageKind, readonly string[]>> = {
  plain: ['A message on its way through every service.', ...TRAPS, '', ''],
  'eight-bit': ['Größe, 重さ, вес: octets above 127.', ...TRAPS],
  large: [...TRAPS, ...Array.from({ length: 1400 }, (_, line) => `${line} `.padEnd(72, 'abcdefghij'))],
}
