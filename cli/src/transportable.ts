// What SMTP may not carry, said before anything is sent. RFC 5321 §2.3.8 (CRLF only), §4.5.3.1.6 (998 octets and CRLF);
// RFC 2045 §2.7, §2.8 (no NUL in 7bit and 8bit)

import { TransportFactsReader } from '@scop/mime'

export type Transportable = { readonly body: '7bit' | '8bitmime'; readonly reasons: readonly string[] }

/** No reasons: the message can be sent as it is, with the `body` named. */
export function transportable(message: Uint8Array): Transportable {
  const reader = new TransportFactsReader()
  reader.feed(message)
  const { facts } = reader
  const reasons: string[] = []
  if (facts.octets === 0) reasons.push('the message is empty')
  if (facts.bareLf) reasons.push('a line ends in LF alone: SMTP carries CRLF only')
  if (facts.bareCr) reasons.push('there is a CR without LF: SMTP carries CRLF only')
  if (facts.nul) reasons.push('there is a NUL octet')
  if (facts.longestLineOctets > MAX_LINE_OCTETS)
    reasons.push(`a line has ${facts.longestLineOctets} octets: SMTP carries ${MAX_LINE_OCTETS}`)
  if (facts.octets > 0 && !facts.endsWithCrlf) reasons.push('the last line does not end in CRLF')
  return { body: facts.eightBit ? '8bitmime' : '7bit', reasons }
}

/** Every line end, of whatever kind, as CRLF; the last line gets one. */
export function withCrlf(message: Uint8Array): Buffer {
  // Latin-1 keeps every octet as one character, both ways.
  const text = Buffer.from(message.buffer, message.byteOffset, message.byteLength).toString('latin1')
  const lines = text.replace(/\r\n|\r|\n/g, '\r\n')
  return Buffer.from(lines === '' || lines.endsWith('\r\n') ? lines : `${lines}\r\n`, 'latin1')
}

const MAX_LINE_OCTETS = 998
