// Octets to text by the name of their charset: the WHATWG Encoding list by the runtime, UTF-7, ISO-2022-KR and HZ by us, and
// the names that mail uses for them. Never fails: what cannot be read becomes U+FFFD and is noted. Writing is UTF-8 alone.
// RFC 2046 §4.1.2, RFC 2978 §2.3 (names); https://encoding.spec.whatwg.org/#names-and-labels

import { decodeLatin1, decodeUtf8, isAscii } from '@scop/octets'
import { type Unshifted, unshiftHz, unshiftIso2022Kr } from './shifted-charset.ts'
import { decodeUnifiedHangul } from './unified-hangul.ts'
import { decodeUtf7 } from './utf7.ts'

/** `unknown-charset`: read as UTF-8 where it is that, else as windows-1252. `undecodable-octets`: U+FFFD stands for some. */
export type CharsetDefect = 'unknown-charset' | 'undecodable-octets' | 'eight-bit-in-ascii'

export type DecodedText = {
  readonly text: string
  /** What it was read as: a WHATWG name in lower case, `utf-7`, `iso-2022-kr` or `hz-gb-2312`. */
  readonly charset: string
  readonly defects: readonly CharsetDefect[]
}

/**
 * Text of `octets` in the charset called `label`: any case, with white space, quotes or a language (RFC 2231 §5) around it.
 * No label, and US-ASCII with octets above 127, are read as UTF-8 where they are that, else as windows-1252. A byte order mark is
 * taken off.
 */
export function decodeCharset(octets: Uint8Array, label: string | undefined): DecodedText {
  const name = label === undefined ? undefined : charsetNamed(label)
  if (label === undefined || name === 'us-ascii') {
    if (isAscii(octets)) return { text: decodeLatin1(octets), charset: 'us-ascii', defects: [] }
    return guess(octets, 'eight-bit-in-ascii')
  }
  if (name === undefined) return guess(octets, 'unknown-charset')
  if (name === 'utf-7') return decodeUtf7(octets)
  if (name === 'iso-2022-kr') return decodeUnshifted(unshiftIso2022Kr(octets), name)
  if (name === 'hz-gb-2312') return decodeUnshifted(unshiftHz(octets), name)
  // RFC 2781 §4.3: the mark decides, where the label does not.
  if (name === 'utf-16le' && octets[0] === 0xfe && octets[1] === 0xff) return decodeAs(octets, 'utf-16be')
  return decodeAs(octets, name)
}

/** The same for text within a header field: U+FEFF at its beginning is a character there, as it is for UTF-8 anywhere else. */
export function decodeCharsetInField(octets: Uint8Array, label: string | undefined): DecodedText {
  const decoded = decodeCharset(octets, label)
  const marked = octets[0] === 0xef && octets[1] === 0xbb && octets[2] === 0xbf
  if (!marked || label === undefined || charsetNamed(label) !== 'utf-8') return decoded
  return { ...decoded, text: `\ufeff${decoded.text}` }
}

/** The name by which text in `label` is read; undefined where it is unknown. */
export function charsetNamed(label: string): string | undefined {
  if (label.length > MAX_LABEL) return undefined
  const plain = (label.split('*', 1)[0] ?? '').replace(AROUND, '').toLowerCase()
  const known = ALIASES.get(plain)
  if (known !== undefined) return known
  return decoders(plain)?.lossy.encoding
}

function guess(octets: Uint8Array, defect: CharsetDefect): DecodedText {
  const utf8 = decodeUtf8(octets)
  if (utf8.ok) return { text: utf8.value, charset: 'utf-8', defects: [defect] }
  const { text, charset, defects } = decodeAs(octets, 'windows-1252')
  return { text, charset, defects: [defect, ...defects] }
}

function decodeAs(octets: Uint8Array, name: string): DecodedText {
  const pair = decoders(name)
  if (pair === undefined) return guess(octets, 'unknown-charset')
  if (name === 'euc-kr') {
    const { text, bad } = decodeUnifiedHangul(octets, pair.lossy)
    return { text, charset: name, defects: bad ? ['undecodable-octets'] : [] }
  }
  try {
    return { text: pair.strict.decode(octets), charset: name, defects: [] }
  } catch {
    return { text: pair.lossy.decode(octets), charset: name, defects: ['undecodable-octets'] }
  }
}

const decodeUnshifted = ({ octets, charset }: Unshifted, name: string): DecodedText => ({
  ...decodeAs(octets, charset),
  charset: name,
})

type Decoders = { readonly strict: TextDecoder; readonly lossy: TextDecoder }

/** Decoders keep nothing between two whole texts, so one pair serves everybody. At most one per WHATWG label. */
function decoders(label: string): Decoders | undefined {
  const kept = DECODERS.get(label)
  if (kept !== undefined) return kept
  try {
    const made = { strict: new TextDecoder(label, { fatal: true }), lossy: new TextDecoder(label) }
    DECODERS.set(label, made)
    return made
  } catch {
    return undefined // no such label
  }
}

const DECODERS = new Map<string, Decoders>()
const MAX_LABEL = 100
const AROUND = /^[\s"'<]+|[\s"'>;,]+$/g
/** Names that mail uses and the WHATWG list does not have, and ASCII, which that list takes for windows-1252. */
const ALIASES: ReadonlyMap<string, string> = new Map([
  ['us-ascii', 'us-ascii'],
  ['ascii', 'us-ascii'],
  ['usascii', 'us-ascii'],
  ['us_ascii', 'us-ascii'],
  ['ansi_x3.4-1968', 'us-ascii'],
  ['ansi_x3.4-1986', 'us-ascii'],
  ['iso646-us', 'us-ascii'],
  ['iso_646.irv:1991', 'us-ascii'],
  ['646', 'us-ascii'],
  ['7bit', 'us-ascii'],
  ['iso-2022-kr', 'iso-2022-kr'],
  ['csiso2022kr', 'iso-2022-kr'],
  ['hz-gb-2312', 'hz-gb-2312'],
  ['hz', 'hz-gb-2312'],
  ['utf_8', 'utf-8'],
  ['utf-8mb4', 'utf-8'],
  ['utf8mb4', 'utf-8'],
  ['utf-7', 'utf-7'],
  ['utf7', 'utf-7'],
  ['unicode-1-1-utf-7', 'utf-7'],
  ['x-unicode-2-0-utf-7', 'utf-7'],
  ['csunicode11utf7', 'utf-7'],
  ['latin-1', 'windows-1252'],
  ['iso8859_1', 'windows-1252'],
  ['iso-8859-1-windows-3.1-latin-1', 'windows-1252'],
  ['8859-1', 'windows-1252'],
  ['8859_1', 'windows-1252'],
  ['windows1252', 'windows-1252'],
  ['win-1252', 'windows-1252'],
  ['cp-1252', 'windows-1252'],
  ['iso-8859-1-i', 'windows-1252'],
  ['iso8859_2', 'iso-8859-2'],
  ['iso8859_15', 'iso-8859-15'],
  ['latin-9', 'iso-8859-15'],
  ['latin9', 'iso-8859-15'],
  ['windows1251', 'windows-1251'],
  ['win-1251', 'windows-1251'],
  ['windows1250', 'windows-1250'],
  ['koi-8', 'koi8-r'],
  ['ks_c_5601', 'euc-kr'],
  ['ksc_5601-1987', 'euc-kr'],
  ['ks_c_5601_1987', 'euc-kr'],
  ['ks-c-5601-1987', 'euc-kr'],
  ['kseucbased', 'euc-kr'],
  ['euc_kr', 'euc-kr'],
  ['cp949', 'euc-kr'],
  ['ms949', 'euc-kr'],
  ['uhc', 'euc-kr'],
  ['5601', 'euc-kr'],
  ['gb2312-80', 'gbk'],
  ['gb_2312', 'gbk'],
  ['gb2312.1980-0', 'gbk'],
  ['euc-cn', 'gbk'],
  ['euccn', 'gbk'],
  ['cn-gb', 'gbk'],
  ['cp936', 'gbk'],
  ['ms936', 'gbk'],
  ['windows-936', 'gbk'],
  ['gbk2312', 'gbk'],
  ['gb18030-2000', 'gb18030'],
  ['gb18030-2022', 'gb18030'],
  ['cp950', 'big5'],
  ['ms950', 'big5'],
  ['big-5', 'big5'],
  ['big5hkscs', 'big5'],
  ['cp932', 'shift_jis'],
  ['windows-932', 'shift_jis'],
  ['shift-jisx0213', 'shift_jis'],
  ['shift_jisx0213', 'shift_jis'],
  ['euc_jp', 'euc-jp'],
  ['eucjp', 'euc-jp'],
  ['eucjp-win', 'euc-jp'],
  ['cp51932', 'euc-jp'],
  ['iso-2022-jp-1', 'iso-2022-jp'],
  ['iso-2022-jp-2', 'iso-2022-jp'],
  ['iso-2022-jp-3', 'iso-2022-jp'],
  ['iso-2022-jp-ms', 'iso-2022-jp'],
  ['cp50220', 'iso-2022-jp'],
  ['cp50221', 'iso-2022-jp'],
  ['cp874', 'windows-874'],
  ['cp866u', 'ibm866'],
])
