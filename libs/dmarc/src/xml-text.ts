// The characters of an XML document: by its byte order mark, else by what it declares, else UTF-8.
// XML 1.0 §4.3.3, App. F

import { decodeCharset } from '@scop/mime'
import { decodeLatin1 } from '@scop/octets'

export type XmlText = {
  readonly text: string
  /** Octets were not of the charset: U+FFFD stands for them. */
  readonly damaged: boolean
}

export function decodeXml(octets: Uint8Array): XmlText {
  const { text, defects } = decodeCharset(octets, charsetOf(octets))
  return { text: text.startsWith('\ufeff') ? text.slice(1) : text, damaged: defects.length > 0 }
}

// EncodingDecl = S 'encoding' Eq ('"' EncName '"' | "'" EncName "'" )
function charsetOf(octets: Uint8Array): string {
  const [first, second, third] = octets
  if (first === 0xff && second === 0xfe) return 'utf-16le'
  if (first === 0xfe && second === 0xff) return 'utf-16be'
  if (first === 0xef && second === 0xbb && third === 0xbf) return 'utf-8'
  if (first === 0x3c && second === 0) return 'utf-16le'
  if (first === 0 && second === 0x3c) return 'utf-16be'
  const declared = DECLARATION.exec(decodeLatin1(octets.subarray(0, DECLARATION_OCTETS)))?.[1]
  // Who declares UTF-16 in octets that can be read so far does not write UTF-16.
  return declared === undefined || UTF_16.test(declared) ? 'utf-8' : declared
}

const DECLARATION_OCTETS = 256
const DECLARATION = /^\s*<\?xml[^>]{0,128}?\sencoding\s*=\s*["']([A-Za-z][A-Za-z0-9._-]{0,39})["']/
const UTF_16 = /^(?:utf-?16|ucs-?2|iso-10646)/i
