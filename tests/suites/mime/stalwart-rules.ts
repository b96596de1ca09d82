// Where mail-parser's form follows a convention that says nothing of the message, or where it knows less than we read, the
// expected value is levelled before it is compared. Every rule has a name, and holds for every file.

import type { Json } from './compare.ts'
import type { MessageForm, PartForm } from './stalwart-form.ts'

/** What `ours` must be. */
export function levelMessage(expected: MessageForm, ours: MessageForm): MessageForm {
  const problems = new Set(
    expected.parts.flatMap((part, place) => (part.is_encoding_problem && 'Text' in part.body ? [place] : [])),
  )
  const parts = expected.parts.map((part, place) => levelPart(part, ours.parts[place]))
  const shown = expected.html_body.filter((place) => expected.text_body.includes(place))
  const attachments = expected.attachments.filter((place) => {
    // Rule `media-listed-twice`: RFC 8621 §4.1.4 lists media with the attachments only where they are not in both bodies.
    return !(isMedia(expected.parts[place]) && shown.includes(place))
  })
  return { ...expected, ...moveProblems({ ...expected, attachments }, ours, problems), parts }
}

/**
 * Rule `undecodable-is-attached`: a body whose encoding is broken is shown undecoded and as an attachment there; here it is
 * decoded as far as it goes, with defects, and stays where its type puts it.
 */
function moveProblems(
  expected: Pick<MessageForm, 'html_body' | 'text_body' | 'attachments'>,
  ours: MessageForm,
  problems: ReadonlySet<number>,
): Pick<MessageForm, 'html_body' | 'text_body' | 'attachments'> {
  if (problems.size === 0) return expected
  const level = (list: readonly number[], ourList: readonly number[]): readonly number[] =>
    [...list.filter((place) => !problems.has(place)), ...ourList.filter((place) => problems.has(place))].toSorted(
      (a, b) => a - b,
    )
  return {
    html_body: level(expected.html_body, ours.html_body),
    text_body: level(expected.text_body, ours.text_body),
    attachments: level(expected.attachments, ours.attachments),
  }
}

function levelPart(expected: PartForm, ours: PartForm | undefined): PartForm {
  if (ours === undefined) return expected
  return {
    ...expected,
    // Rule `problem-is-total`: the form says so where nothing could be decoded, we name every octet out of place.
    is_encoding_problem: expected.is_encoding_problem || ours.is_encoding_problem,
    headers: expected.headers.map((header, place) => {
      const other = ours.headers[place]
      return other === undefined ? header : { ...header, value: levelValue(header.value, other.value) }
    }),
    body: levelBody(expected, ours),
  }
}

function levelBody(expected: PartForm, { body }: PartForm): PartForm['body'] {
  const [kind] = Object.keys(expected.body)
  // Rule `inline-binary`: that word repeats what the lists of bodies say.
  if (kind === 'InlineBinary') return { Binary: expected.body['InlineBinary'] }
  if (kind === 'Text' || kind === 'Html') return { [kind]: levelText(expected.body[kind], body[kind]) }
  const [inner, ourInner] = [expected.body['Message'], body['Message']]
  // as: the form has a message there, and so do we.
  if (inner != null && ourInner != null) return { Message: levelMessage(inner as MessageForm, ourInner as MessageForm) }
  return expected.body
}

export function levelValue(expected: Json, ours: Json): Json {
  if (isRecord(expected) && isRecord(ours) && isRecord(expected['Received']) && isRecord(ours['Received'])) {
    return { Received: levelReceived(expected['Received'], ours['Received']) }
  }
  if (isRecord(expected) && isRecord(expected['DateTime'])) {
    const date = isRecord(ours) ? (ours['DateTime'] ?? null) : null
    const level = levelDate(expected['DateTime'], date)
    return level === null ? 'Empty' : { DateTime: level }
  }
  if (isRecord(expected) && isRecord(ours) && isRecord(expected['ContentType'])) {
    return levelText({ ContentType: levelAttributes(expected['ContentType'], ours['ContentType']) }, ours)
  }
  return levelText(expected, ours)
}

/**
 * Rule `attribute-order`: the form has continued attributes after the others; which stands first says nothing. Rule
 * `empty-attributes`: one without a value is none there.
 */
export function levelAttributes(expected: Json, ours: Json): Json {
  if (!isRecord(expected) || !isRecord(ours) || !isList(ours['attributes'])) return expected
  const rest: Json[] = isList(expected['attributes']) ? [...expected['attributes']] : []
  const inOurOrder: Json[] = []
  for (const attribute of ours['attributes']) {
    if (!isRecord(attribute)) continue
    const place = rest.findIndex((other) => isRecord(other) && other['name'] === attribute['name'])
    if (place >= 0) inOurOrder.push(...rest.splice(place, 1))
    else if (attribute['value'] === '') inOurOrder.push(attribute)
  }
  return { ...expected, attributes: [...inOurOrder, ...rest] }
}

/**
 * Rule `undecodable-octets`: octets that are not UTF-8 and have no charset are U+FFFD there; here they are read as the
 * WHATWG's default for mail, windows-1252.
 */
export function levelText(expected: Json, ours: Json): Json {
  if (typeof expected === 'string' && typeof ours === 'string') {
    if (!expected.includes('\ufffd')) return expected
    return sameButReplaced(expected, ours) ? ours : expected
  }
  if (isList(expected) && isList(ours)) {
    return expected.map((item, place) => levelText(item, ours[place]))
  }
  if (isRecord(expected) && isRecord(ours)) {
    return Object.fromEntries(Object.entries(expected).map(([name, item]) => [name, levelText(item, ours[name])]))
  }
  return expected
}

/** Each run of U+FFFD stands for characters that are not ASCII, at least one. */
function sameButReplaced(expected: string, ours: string): boolean {
  let at = 0
  for (let i = 0; i < expected.length; i++) {
    if (expected[i] !== '\ufffd') {
      if (expected[i] !== ours[at]) return false
      at++
      continue
    }
    while (expected[i + 1] === '\ufffd') i++
    const start = at
    while (at < ours.length && ours.charCodeAt(at) > 0x7f && ours[at] !== expected[i + 1]) at++
    if (at === start) return false
  }
  return at === ours.length
}

type Received = { readonly [member: string]: Json }

/**
 * RFC 5321 §4.4 gives Received its clauses and their order; what stands in comments has no grammar. Rule
 * `comments-have-no-grammar`: what the form takes from comments must be in the field, word for word.
 */
export function levelReceived(expected: Received, ours: Received): Received {
  const said = typeof ours['said'] === 'string' ? ours['said'].toLowerCase() : ''
  const heard = (member: string): boolean => {
    const text = hostText(expected[member])
    return text === null || said.includes(text.toLowerCase())
  }
  const fromComments = ['helo', 'ident', 'from_iprev', 'tls_cipher'].filter(heard)
  const level: { [member: string]: Json } = { ...expected }
  for (const member of [...fromComments, 'helo_cmd', 'tls_version']) delete level[member]
  level['from'] = hostText(expected['from'])?.trim() ?? null
  if (ours['from'] === null && said.includes(`from ${level['from']}`.toLowerCase()) && said.includes('(')) {
    for (const member of ['from', 'from_ip']) level[member] = null
  }
  level['by'] = hostText(expected['by'])
  // Rule `address-once`: a host that is an address is not said again as its address.
  level['from_ip'] ??= isAddressOf(ours['from'], ours['from_ip']) ? ours['from_ip'] : null
  // Rule `known-protocols`: of `Microsoft SMTPSVC` the form has the protocol that it knows, and none that it does not know.
  level['with'] = levelProtocol(expected['with'], ours['with'])
  // Rule `line-end-in-word`: the form may keep the line end behind the last word.
  for (const member of ['id', 'for_', 'via']) {
    const text = level[member]
    if (typeof text === 'string') level[member] = text.trim()
  }
  level['date'] = levelDate(expected['date'], ours['date'])
  level['said'] = ours['said']
  return level
}

/** Rule `minus-zero`: `-0000` is UTC; that it says nothing of the place is our `zoneUnknown`. RFC 5322 §3.3 */
export function levelDate(expected: Json, ours: Json): Json {
  if (!isRecord(expected)) return expected
  // Rule `impossible-time`: the form does not look whether a date can be; what RFC 5322 §3.3 refuses is none there.
  if (!isPossible(expected)) return ours
  if (!isRecord(ours)) return expected
  // Rule `two-digit-years`: RFC 5322 §4.3 puts 00 to 49 into this century.
  const year = Number(expected['year'])
  if (year < 1950 && year + 100 === ours['year']) return levelDate({ ...expected, year: year + 100 }, ours)
  return expected['tz_hour'] === 0 && expected['tz_minute'] === 0 ? { ...expected, tz_before_gmt: false } : expected
}

const isPossible = (date: Received): boolean =>
  Number(date['hour']) < 24 &&
  Number(date['minute']) < 60 &&
  Number(date['second']) < 61 &&
  Number(date['day']) < 32 &&
  Number(date['month']) < 13

function levelProtocol(expected: Json, ours: Json): Json {
  if (expected == null) return typeof ours === 'string' && !PROTOCOLS.has(ours) ? ours : expected
  if (typeof expected !== 'string') return expected
  return typeof ours === 'string' && ours.includes(expected.toUpperCase()) ? ours : expected.toUpperCase()
}

const hostText = (host: Json): string | null => {
  if (typeof host === 'string') return host
  if (!isRecord(host)) return null
  const text = host['Name'] ?? host['IpAddr']
  return typeof text === 'string' ? text : null
}

const isAddressOf = (name: Json, address: Json): boolean =>
  typeof name === 'string' && typeof address === 'string' && name.includes(address)
const isMedia = (part: PartForm | undefined): boolean =>
  part !== undefined && ('InlineBinary' in part.body || 'Binary' in part.body)
const isList = (value: Json): value is readonly Json[] => Array.isArray(value)
const isRecord = (value: Json): value is { readonly [member: string]: Json } =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const PROTOCOLS: ReadonlySet<string> = new Set(
  'SMTP ESMTP ESMTPA ESMTPS ESMTPSA LMTP LMTPA LMTPS LMTPSA UTF8SMTP UTF8SMTPA UTF8SMTPS UTF8SMTPSA HTTP HTTPS IMAP POP3 MMS LOCAL'.split(
    ' ',
  ),
)
