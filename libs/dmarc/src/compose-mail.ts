// A mail of ours with several parts: fields that nothing can add to, a boundary that no part holds.
// RFC 5322 §3.6; RFC 2046 §5.1; RFC 3834 §5 (Auto-Submitted: no machine answers it)

import { type Mailbox, needsUtf8 } from '@scop/identifiers'
import { Base64Encoder, encodeUnstructured, formatAddressList, formatDate, formatField } from '@scop/mime'
import { concatOctets, encodeAscii, encodeHex, indexOfOctets } from '@scop/octets'
import { expectOk } from '@scop/result'

export type MailFrame = {
  readonly from: Mailbox
  readonly to: Mailbox
  /** Milliseconds since 1970. */
  readonly nowMilliseconds: number
  /** With its angle brackets. */
  readonly messageId: string
  /** At least 16 octets from a good source, of which the boundary is made. */
  readonly random: Uint8Array
}

export type MailPart = {
  readonly contentType: string
  readonly disposition: string | undefined
  readonly encoding: '7bit' | '8bit' | 'base64'
  readonly body: Uint8Array
}

/** `type`: the multipart's own, without its boundary. */
export function composeMail(frame: MailFrame, subject: string, type: string, parts: readonly MailPart[]): Uint8Array {
  const { from, to, random } = frame
  if (random.length < 16) throw new Error(`Cannot write a mail: ${random.length} random octets make no boundary`)
  if (needsUtf8(from)) throw new Error('Cannot write a mail: our own address must be ASCII')
  const boundary = `=_${encodeHex(random)}`
  const pieces: Uint8Array[] = [
    field('From', addressOf(from)),
    field('To', addressOf(to)),
    field('Subject', subject),
    field('Date', formatDate(frame.nowMilliseconds)),
    field('Message-ID', frame.messageId),
    field('Auto-Submitted', 'auto-generated'),
    field('MIME-Version', '1.0'),
    field('Content-Type', `${type}; boundary="${boundary}"`),
    encodeAscii('\r\n'),
  ]
  for (const { contentType, disposition, encoding, body } of parts) {
    if (encoding !== 'base64' && indexOfOctets(body, encodeAscii(boundary)) >= 0)
      throw new Error('Cannot write a mail: its boundary stands in a part')
    pieces.push(encodeAscii(`--${boundary}\r\n`), field('Content-Type', contentType))
    if (disposition !== undefined) pieces.push(field('Content-Disposition', disposition))
    pieces.push(field('Content-Transfer-Encoding', encoding), encodeAscii('\r\n'))
    pieces.push(encoding === 'base64' ? base64(body) : body, encodeAscii('\r\n'))
  }
  return concatOctets([...pieces, encodeAscii(`--${boundary}--\r\n`)])
}

/** Foreign text for a subject: encoded where it must be, controls taken out. */
export function subjectText(text: string): string {
  // oxlint-disable-next-line no-control-regex -- they are what is taken out
  return encodeUnstructured(
    text
      .toWellFormed()
      .replace(/[\x00-\x1f\x7f-\x9f]+/g, ' ')
      .slice(0, 200),
  )
}

function addressOf(mailbox: Mailbox): string {
  const { localPart, domain } = mailbox
  if (typeof domain !== 'string') throw new Error('Cannot write a mail: reports go to domains')
  const address = { kind: 'mailbox', displayName: undefined, localPart, domain, comments: [] } as const
  return expectOk(formatAddressList([address]), 'write an address')
}

function base64(octets: Uint8Array): Uint8Array {
  const encoder = new Base64Encoder()
  return concatOctets([encoder.push(octets), encoder.end()])
}

const field = (name: string, value: string): Uint8Array => expectOk(formatField(name, value), `write ${name}`)
