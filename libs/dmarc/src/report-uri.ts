// Where reports go: the addresses of rua= and ruf=, read and written.
// RFC 9989 §4.6, §4.8 (dmarc-uri, obs-dmarc-uri); RFC 7489 §6.2 (a size behind "!"); RFC 6068 §2 (mailto)

import { formatMailbox, type Mailbox, parseMailbox } from '@scop/identifiers'
import { trimFws } from '@scop/dkim'
import { DMARC_LIMITS, type DmarcLimits } from './limits.ts'

/** `mailto:` with one mailbox, or a URI of a scheme that is only kept: others MUST be ignored. RFC 9989 §4.7 rua */
export type ReportUri = {
  /** As published, without the size. */
  readonly uri: string
  /** undefined where the scheme is not mailto. */
  readonly mailbox: Mailbox | undefined
  /** What the receiver of reports wants at most, where it said so. RFC 7489 §6.2; RFC 9989 §4.8 lets it be ignored. */
  readonly maxOctets: number | undefined
}

// dmarc-urilist = (dmarc-uri / obs-dmarc-uri) *(*WSP "," *WSP (dmarc-uri / obs-dmarc-uri))      RFC 9989 §4.8
/** The readable ones of the list, in order, each once; what is no URI is passed over. */
export function parseReportUris(list: string, limits: DmarcLimits = DMARC_LIMITS): readonly ReportUri[] {
  const uris: ReportUri[] = []
  for (let at = 0; at <= list.length && uris.length < limits.reportUris; ) {
    const comma = list.indexOf(',', at)
    const end = comma < 0 ? list.length : comma
    const uri = parseReportUri(trimFws(list.slice(at, end)))
    if (uri !== undefined && !uris.some((other) => other.uri === uri.uri)) uris.push(uri)
    at = end + 1
  }
  return uris
}

export function formatReportUris(uris: readonly ReportUri[]): string {
  return uris.map(({ uri, maxOctets }) => (maxOctets === undefined ? uri : `${uri}!${maxOctets}`)).join(',')
}

/** The address as `rua=` takes it: with what a URI or the list gives another meaning to in percent. RFC 6068 §2 */
export function reportUriTo(mailbox: Mailbox): ReportUri {
  const written = formatMailbox(mailbox)
  const at = written.lastIndexOf('@')
  const localPart = encodeURIComponent(written.slice(0, at)).replaceAll('!', '%21')
  const domain = written.slice(at + 1)
  return { uri: `mailto:${localPart}@${domain}`, mailbox, maxOctets: undefined }
}

function parseReportUri(text: string): ReportUri | undefined {
  const bang = text.indexOf('!')
  const uri = bang < 0 ? text : text.slice(0, bang)
  if (!URI.test(uri)) return undefined
  const maxOctets = bang < 0 ? undefined : parseSize(text.slice(bang + 1))
  if (!MAILTO.test(uri)) return { uri, mailbox: undefined, maxOctets }
  const mailbox = parseMailto(uri.slice('mailto:'.length))
  return mailbox && { uri, mailbox, maxOctets }
}

/** One mailbox; header fields behind "?" would let a record write our mail, and are not taken over. RFC 6068 §4 */
function parseMailto(text: string): Mailbox | undefined {
  const question = text.indexOf('?')
  const decoded = percentDecode(question < 0 ? text : text.slice(0, question))
  const mailbox = decoded === undefined ? undefined : parseMailbox(decoded, { utf8: true })
  return mailbox?.ok ? mailbox.value : undefined
}

function percentDecode(text: string): string | undefined {
  try {
    return decodeURIComponent(text)
  } catch {
    return undefined // a lone "%", or octets that are no UTF-8
  }
}

// obs-dmarc-report-size = "!" 1*DIGIT [ "k" / "m" / "g" / "t" ]      1k = 1024 octets, RFC 7489 §6.2
function parseSize(text: string): number | undefined {
  const found = SIZE.exec(text)
  if (found === null) return undefined
  const octets = Number(found[1]) * 1024 ** UNITS.indexOf((found[2] ?? '').toLowerCase())
  return Number.isSafeInteger(octets) ? octets : undefined
}

const UNITS = ['', 'k', 'm', 'g', 't']
const SIZE = /^([0-9]{1,16})([kmgt]?)$/i
const URI = /^[A-Za-z][A-Za-z0-9+.-]{0,30}:[!-+\--~]{1,1000}$/ // printable ASCII without a comma
const MAILTO = /^mailto:/i
