// How often each alternative of each production is taken: [in `grammar`, in `realistic`], to be compared within its group. The
// names are those of the RFCs where they have one; `group.alternative` is the name of a production in the coverage table.
// The second column follows counts over 10,928 real mails (tools/count-mail-structure.ts) for structures, types, encodings, charsets,
// fields and sizes, and is guessed for the rest; where it is 0, `realistic` has no such thing.

/** What a mail is made as: `grammar` has everything that the RFCs allow, `realistic` what people's programs send. */
export type Profile = 'grammar' | 'realistic'

type Row = readonly [grammar: number, realistic: number]

const TABLE = {
  // White space and comments between tokens of a structured field, where the grammar lets there be none: RFC 5322 §3.2.2
  cfws: { none: [70, 1000], space: [10, 0], fold: [5, 0], comment: [4, 0], 'comment-fold': [2, 0], 'obs-fws': [1, 0] },
  // … and where it wants some
  'cfws-needed': {
    space: [60, 1000],
    tab: [3, 0],
    fold: [12, 0],
    comment: [5, 0],
    'comment-fold': [2, 0],
    'obs-fws': [1, 0],
  },
  // … and where it wants white space and no comment
  fws: {
    space: [60, 1000],
    tab: [4, 1],
    'several-spaces': [4, 1],
    fold: [10, 0],
    'fold-with-tab': [4, 0],
    'obs-fws': [1, 0],
  },
  // Where a line grows too long
  'long-line': { fold: [20, 900], 'fold-with-tab': [5, 300], 'not-folded': [1, 20] },
  // ccontent: RFC 5322 §3.2.2
  ccontent: {
    ctext: [20, 1],
    comment: [4, 0],
    'quoted-pair': [3, 0],
    'utf8-non-ascii': [2, 0],
    'encoded-word': [3, 0],
    empty: [1, 0],
  },

  // From here: header fields. Letter case and colon: RFC 5322 §2.2, §4.5.8
  'field-name': { usual: [40, 1000], lower: [3, 20], upper: [3, 5], mixed: [2, 0] },
  colon: {
    'with-space': [300, 2000],
    'without-space': [15, 1],
    'with-tab': [8, 1],
    'with-fold': [12, 15],
    'obs-space-before': [1, 0],
  },
  // Order and number of fields: RFC 5322 §3.6, §4.5
  'field-order': { trace: [60, 100], 'obs-any-order': [10, 0] },
  'field-number': { once: [60, 100], 'obs-several': [4, 0] },

  // Unstructured text: RFC 5322 §3.2.5, §4.1; RFC 2047 §5 (1); RFC 6532 §3.1
  unstructured: {
    vchar: [40, 10285],
    'encoded-word': [25, 300],
    mixed: [10, 45],
    utf8: [6, 290],
    empty: [1, 5],
  },
  'encoded-word': { q: [10, 138], b: [10, 181], 'q-lower': [2, 22], 'b-lower': [2, 4], language: [1, 0] },
  'encoded-word-charset': { 'utf-8': [20, 80], 'single-octet': [12, 20], multibyte: [8, 5], 'us-ascii': [2, 1] },
  'encoded-word-cut': { whole: [20, 70], anywhere: [10, 10], 'charset-changes': [3, 0] },
  'q-octet': { 'where-needed': [10, 20], always: [2, 0], sometimes: [4, 0] },

  // Addresses: RFC 5322 §3.4, §4.4
  address: { mailbox: [30, 300], group: [4, 1] },
  'address-number': { one: [30, 80], few: [20, 18], many: [2, 1] },
  'obs-addr-list': { none: [40, 1], 'empty-element': [2, 0] },
  mailbox: { 'name-addr': [20, 60], 'addr-spec': [10, 35], 'angle-addr': [4, 5], 'comment-name': [3, 0] },
  'angle-addr': { plain: [40, 1], 'obs-route': [2, 0] },
  group: { members: [6, 1], empty: [3, 3], 'cfws-only': [1, 0], 'obs-empty-element': [1, 0] },
  word: { atom: [20, 60], 'quoted-string': [10, 30], 'encoded-word': [8, 10], 'obs-phrase-dot': [2, 1], utf8: [2, 0] },
  qcontent: { qtext: [20, 100], 'quoted-pair': [4, 1], 'needless-quoted-pair': [2, 0], fold: [2, 0], utf8: [2, 0] },
  'local-part': {
    'dot-atom': [30, 1000],
    empty: [1, 0],
    'quoted-string': [3, 1],
    'obs-local-part': [2, 0],
    'obs-quoted-words': [1, 0],
    utf8: [2, 0],
    special: [3, 3],
  },
  domain: {
    'dot-atom': [30, 1000],
    literal: [2, 0],
    'literal-fws': [1, 0],
    'obs-domain': [2, 0],
    utf8: [2, 0],
    single: [1, 0],
  },

  // Dates: RFC 5322 §3.3, §4.3
  'day-of-week': { named: [30, 98], absent: [6, 2] },
  day: { 'two-digits': [10, 80], 'one-digit': [6, 20] },
  year: { four: [30, 100], 'obs-two': [2, 0], 'obs-three': [1, 0] },
  second: { some: [30, 100], absent: [3, 0], leap: [1, 0] },
  zone: {
    offset: [30, 90],
    'minus-zero': [2, 2],
    'zone-comment': [3, 25],
    'any-offset': [1, 0],
    'obs-zone': [3, 3],
    'obs-unknown': [1, 0],
    'obs-military': [1, 0],
  },
  'obs-date': { none: [40, 1], 'cfws-within': [2, 0] },
  'date-case': { usual: [30, 1], other: [1, 0] },

  // Identifiers: RFC 5322 §3.6.4, §4.5.4
  'msg-id': { 'dot-atom': [30, 100], utf8: [1, 0], literal: [2, 0], 'obs-id-left': [1, 0], 'obs-id-right': [1, 0] },
  'in-reply-to': { ids: [30, 100], 'obs-phrase': [1, 0] },

  // Which fields there are, each for itself: RFC 5322 §3.6
  'orig-date': { present: [50, 10928], absent: [1, 1] },
  sender: { present: [5, 3811], absent: [20, 7117] },
  'reply-to': { present: [5, 30], absent: [20, 70] },
  to: { present: [30, 10719], absent: [3, 209] },
  cc: { present: [6, 3269], absent: [20, 7659] },
  bcc: { present: [2, 0], empty: [1, 0], absent: [20, 100] },
  'message-id': { present: [20, 10927], absent: [3, 1] },
  references: { present: [5, 4000], absent: [20, 6928] },
  subject: { present: [30, 10920], absent: [2, 8] },
  comments: { present: [3, 1], absent: [20, 200] },
  keywords: { phrases: [4, 0], 'obs-empty-element': [1, 0], absent: [20, 100] },
  resent: { none: [20, 100], one: [2, 0], several: [1, 0] },
  'return-path': { absent: [20, 40], path: [4, 58], null: [1, 2], 'obs-route': [1, 0] },
  'received-number': { none: [20, 135], one: [5, 753], few: [5, 4699], many: [1, 5341] },
  'optional-field': { none: [10, 10], one: [5, 20], few: [5, 60], many: [1, 10] },
  'authentication-results': { present: [3, 15], absent: [20, 85] },
  list: { none: [20, 60], some: [4, 5], all: [1, 35] },
  mdn: { absent: [30, 200], present: [1, 1] },

  // Received: RFC 5321 §4.4
  'from-domain': {
    domain: [4, 2],
    'domain-tcp-info': [10, 60],
    'tcp-literal-only': [4, 10],
    'address-literal': [2, 3],
    absent: [2, 10],
  },
  via: { absent: [10, 200], present: [1, 1] },
  with: { present: [10, 90], absent: [2, 10] },
  id: { atom: [10, 80], 'msg-id': [2, 1], absent: [3, 19] },
  for: { path: [5, 60], mailbox: [2, 5], absent: [5, 35] },
  'additional-clause': { absent: [10, 200], tls: [1, 1] },

  // Authentication-Results: RFC 8601 §2.2
  'authres-version': { absent: [10, 100], present: [2, 0] },
  resinfo: { some: [10, 100], none: [2, 1] },
  'method-version': { absent: [10, 100], present: [1, 0] },
  reasonspec: { absent: [10, 90], token: [1, 2], 'quoted-string': [2, 8] },
  propspec: {
    domain: [10, 40],
    address: [6, 40],
    'at-domain': [3, 20],
    'quoted-string': [2, 0],
    'quoted-local-part': [1, 0],
    none: [2, 5],
  },

  // List fields: RFC 2369 §2, RFC 2919 §3, RFC 8058 §3.1
  'list-command': { one: [10, 60], several: [5, 40], commented: [3, 0], no: [2, 1], 'spaced-url': [1, 0] },
  'list-id': { 'id-only': [5, 30], phrase: [5, 60], 'one-word': [3, 10] },

  // Types and bodies: RFC 2045 §5, RFC 2046
  'mime-version': { plain: [20, 100], commented: [3, 2] },
  'plain-message': { 'no-mime-version': [4, 3], 'mime-version': [1, 1] },
  structure: {
    text: [40, 8387],
    attachment: [12, 0],
    multipart: [25, 1705],
    message: [6, 0],
    'no-content-type': [8, 834],
    special: [6, 0],
  },
  'part-structure': {
    text: [40, 2686],
    attachment: [20, 560],
    multipart: [9, 166],
    message: [4, 6],
    'no-content-type': [6, 14],
    special: [5, 5],
  },
  multipart: {
    mixed: [12, 274],
    alternative: [8, 1105],
    related: [4, 120],
    digest: [3, 69],
    report: [3, 7],
    signed: [2, 294],
    parallel: [1, 0],
    'form-data': [1, 2],
    encrypted: [1, 0],
    unknown: [2, 0],
  },
  parts: { one: [4, 432], two: [10, 1390], few: [6, 46], many: [1, 5] },
  boundary: {
    random: [20, 50],
    'equals-underscore': [8, 60],
    short: [2, 0],
    longest: [2, 0],
    'with-space': [2, 0],
    'all-bchars': [2, 1],
  },
  preamble: { absent: [20, 1408], 'empty-line': [3, 4], text: [6, 463], 'looks-like-delimiter': [1, 0] },
  epilogue: { absent: [10, 343], empty: [10, 1000], text: [4, 532], 'looks-like-delimiter': [1, 0] },
  'transport-padding': { none: [30, 1], spaces: [2, 0], tab: [1, 0] },
  'body-part': { 'header-and-body': [30, 100], 'no-header': [3, 1], 'empty-body': [2, 1], nothing: [1, 0] },
  'message-body': { present: [40, 200], empty: [2, 1], 'no-empty-line': [1, 0] },
  message: { rfc822: [10, 20], global: [4, 0], 'global-encoded': [2, 0] },
  // RFC 2046 §5.2.1: a message within need not have the fields of RFC 5322
  'inner-message': { fields: [20, 1], 'no-fields': [1, 0] },
  special: {
    'delivery-status': [5, 5],
    'disposition-notification': [2, 1],
    partial: [2, 0],
    'external-body': [2, 0],
    'rfc822-headers': [2, 2],
    unknown: [2, 0],
  },
  'text-type': {
    plain: [20, 7668],
    html: [12, 3397],
    calendar: [3, 4],
    csv: [2, 0],
    enriched: [1, 2],
    unknown: [2, 4],
  },
  'media-type': {
    image: [6, 50],
    application: [10, 45],
    audio: [2, 2],
    video: [2, 1],
    font: [1, 0],
    'x-token': [2, 1],
  },
  charset: {
    'us-ascii': [10, 2931],
    'utf-8': [20, 3297],
    'single-octet': [12, 3560],
    multibyte: [10, 57],
    absent: [4, 2043],
  },
  'text-lines': {
    empty: [1, 53],
    one: [4, 160],
    few: [20, 3000],
    many: [8, 4000],
    'very-many': [1, 350],
    unfinished: [4, 800],
    'long-lines': [2, 2500],
    'from-and-dots': [2, 60],
  },
  octets: { none: [1, 1], few: [40, 10], many: [6, 30], 'very-many': [1, 6] },

  // Transfer encodings: RFC 2045 §6
  'transfer-encoding': {
    identity: [16, 4191],
    'quoted-printable': [14, 2544],
    base64: [14, 381],
    'identity-absent': [6, 5131],
  },
  'attachment-encoding': {
    base64: [24, 97],
    'quoted-printable': [4, 1],
    binary: [3, 0],
    uuencode: [3, 1],
    yenc: [2, 0],
    '8bit': [2, 0],
  },
  mechanism: { usual: [30, 95], upper: [2, 4], mixed: [2, 1], commented: [2, 0] },
  'base64-lines': { '76': [20, 90], '72': [4, 9], '60': [2, 1], any: [4, 0], ragged: [2, 0], 'one-quad': [1, 0] },
  'base64-end': { 'line-end': [10, 9], bare: [4, 3] },
  'qp-octet': { 'where-needed': [10, 100], more: [4, 2], all: [1, 0] },
  'qp-soft-break': { late: [10, 100], anywhere: [4, 0] },
  'qp-line-end': { 'as-line': [20, 100], encoded: [2, 0] },
  'qp-padding': { none: [20, 1], 'after-soft-break': [1, 0], 'at-line-end': [1, 0] },

  // Parameters: RFC 2045 §5.1, RFC 2183 §2, RFC 2231
  'content-type-parameter': { none: [10, 60], name: [6, 30], format: [4, 8], 'x-token': [5, 1] },
  value: {
    token: [10, 40],
    empty: [1, 0],
    spaces: [1, 0],
    'quoted-string': [10, 60],
    'quoted-pair': [3, 0],
    extended: [6, 3],
    continued: [4, 1],
    'continued-extended': [4, 2],
    'continued-mixed': [2, 0],
    utf8: [2, 0],
  },
  'extended-charset': {
    'utf-8': [10, 30],
    'single-octet': [6, 3],
    multibyte: [3, 1],
    'us-ascii': [2, 0],
    absent: [1, 0],
  },
  'extended-language': { absent: [10, 100], present: [4, 0] },
  sections: { 'in-order': [10, 1], shuffled: [3, 0] },
  'boundary-value': { token: [10, 5], 'quoted-pair': [1, 0], 'quoted-string': [12, 95], continued: [1, 0] },
  'parameter-name': { usual: [20, 100], upper: [2, 1], mixed: [2, 0] },
  'content-disposition': { absent: [10, 10849], inline: [5, 1443], attachment: [8, 192], unknown: [1, 0] },
  'disposition-parameter': { none: [6, 20], filename: [10, 75], size: [3, 4], dates: [3, 1] },
  'content-id': { absent: [15, 75], present: [4, 25] },
  'content-description': { absent: [15, 95], present: [3, 5] },
  'content-language': { absent: [15, 96], one: [2, 4], several: [2, 0] },
  'content-location': { absent: [15, 99], present: [2, 1] },
  'content-md5': { absent: [15, 1], present: [1, 0] },
  'content-other': { absent: [15, 99], present: [1, 1] },
} as const satisfies Readonly<Record<string, Readonly<Record<string, Row>>>>

export type Group = keyof typeof TABLE
export type Alternative<G extends Group> = keyof (typeof TABLE)[G] & string
/** `group.alternative` */
export type Production = { [G in Group]: `${G}.${Alternative<G>}` }[Group]

/** Every production, in the order of the table. */
export const PRODUCTIONS: readonly Production[] = Object.entries(TABLE).flatMap(
  ([group, alternatives]) => Object.keys(alternatives).map((alternative) => `${group}.${alternative}` as Production), // as: from the table itself
)

/** The alternatives of a group, and up to which number of the `total` each is taken; `first` is the place in PRODUCTIONS. */
export type Choices = {
  readonly names: readonly string[]
  readonly upTo: readonly number[]
  readonly total: number
  readonly first: number
}

export function choicesOf(profile: Profile): ReadonlyMap<Group, Choices> {
  const column = profile === 'grammar' ? 0 : 1
  const choices = new Map<Group, Choices>()
  let first = 0
  for (const [group, alternatives] of Object.entries(TABLE)) {
    let total = 0
    const upTo = Object.values<Row>(alternatives).map((row) => (total += row[column]))
    const names = Object.keys(alternatives)
    choices.set(group as Group, { names, upTo, total, first }) // as: from the table itself
    first += names.length
  }
  return choices
}
