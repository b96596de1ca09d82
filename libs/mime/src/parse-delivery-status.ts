// The machine-readable part of a delivery report, read: what was to become of the message, and what became of it for whom.
// Anybody can write one, so this never fails; what is missing or odd is a defect.
// RFC 3464 §2.1 (groups of fields), §2.2 (of the message), §2.3 (of each recipient); RFC 6533 §3 (utf-8 addresses)

import { fieldsNamed, HEADER_LIMITS, type HeaderSection, parseHeaderSection } from './header-section.ts'
import { skipCfws, trimSpace } from './cfws.ts'
import { type ParsedDate, parseDate } from './parse-date.ts'

/** `type; value`, as `dns; mx.example.org` or `rfc822; a@b.example`: the type in lower case, the value as its type has it. */
export type TypedValue = { readonly type: string; readonly value: string }

export type ReadRecipientStatus = {
  readonly originalRecipient: TypedValue | undefined
  /** Escapes of `utf-8` addresses are resolved. */
  readonly finalRecipient: TypedValue | undefined
  /** Lower case: `failed`, `delayed`, `delivered`, `relayed`, `expanded`, or another word. */
  readonly action: string | undefined
  /** RFC 3463: `5.1.1`. */
  readonly status: string | undefined
  readonly remoteMta: TypedValue | undefined
  readonly diagnosticCode: TypedValue | undefined
  readonly lastAttemptDate: ParsedDate | undefined
  readonly finalLogId: string | undefined
  readonly willRetryUntil: ParsedDate | undefined
}

export type ReadDeliveryStatus = {
  readonly originalEnvelopeId: string | undefined
  readonly reportingMta: TypedValue | undefined
  readonly dsnGateway: TypedValue | undefined
  readonly receivedFromMta: TypedValue | undefined
  readonly arrivalDate: ParsedDate | undefined
  readonly recipients: readonly ReadRecipientStatus[]
  readonly defects: readonly DeliveryStatusDefect[]
}

export type DeliveryStatusDefect = {
  readonly kind:
    | 'no-reporting-mta'
    | 'no-recipient'
    | 'no-final-recipient'
    | 'no-action'
    | 'unknown-action'
    | 'bad-status'
    | 'bad-date'
    | 'bad-typed-value'
    | 'too-many-recipients'
    /** A group of fields beyond `HEADER_LIMITS`: it and what follows is not read. */
    | 'group-beyond-limits'
  /** Where the group begins, in octets. */
  readonly offset: number
}

export type DeliveryStatusLimits = { readonly recipients: number; readonly defects: number }
export const DELIVERY_STATUS_LIMITS: DeliveryStatusLimits = { recipients: 2000, defects: 100 }

/** Reads the decoded body of a message/delivery-status or message/global-delivery-status part. */
// delivery-status-content = per-message-fields 1*( CRLF per-recipient-fields )
export function parseDeliveryStatus(
  body: Uint8Array,
  limits: DeliveryStatusLimits = DELIVERY_STATUS_LIMITS,
): ReadDeliveryStatus {
  const defects: DeliveryStatusDefect[] = []
  const groups: Group[] = []
  const note = (kind: DeliveryStatusDefect['kind'], offset: number): void => {
    if (defects.length < limits.defects) defects.push({ kind, offset })
  }
  for (let at = 0; at < body.length; ) {
    const parsed = parseHeaderSection(body.subarray(at), HEADER_LIMITS)
    if (!parsed.ok) {
      note('group-beyond-limits', at)
      break
    }
    const { header, bodyStart } = parsed.value
    if (header.fields.length > 0) {
      if (groups.length > limits.recipients) {
        note('too-many-recipients', at)
        break
      }
      groups.push({ header, offset: at })
    }
    at += bodyStart
  }
  // A report that leaves out what is said of the message begins with its first recipient.
  const [first] = groups
  const isMessage = first !== undefined && fieldsNamed(first.header, 'Final-Recipient').length === 0
  const reader = new GroupReader(isMessage ? first : { header: NO_FIELDS, offset: 0 }, note)
  const message = {
    originalEnvelopeId: reader.text('Original-Envelope-Id'),
    reportingMta: reader.typed('Reporting-MTA'),
    dsnGateway: reader.typed('DSN-Gateway'),
    receivedFromMta: reader.typed('Received-From-MTA'),
    arrivalDate: reader.date('Arrival-Date'),
  }
  if (message.reportingMta === undefined) note('no-reporting-mta', 0)
  const recipients = (isMessage ? groups.slice(1) : groups).map((group) => readRecipient(group, note))
  if (recipients.length === 0) note('no-recipient', 0)
  return { ...message, recipients, defects }
}

type Group = { readonly header: HeaderSection; readonly offset: number }
type Note = (kind: DeliveryStatusDefect['kind'], offset: number) => void

function readRecipient(group: Group, note: Note): ReadRecipientStatus {
  const reader = new GroupReader(group, note)
  const finalRecipient = reader.typed('Final-Recipient')
  if (finalRecipient === undefined) note('no-final-recipient', group.offset)
  const action = reader.text('Action')?.toLowerCase()
  if (action === undefined) note('no-action', group.offset)
  else if (!ACTIONS.has(action)) note('unknown-action', group.offset)
  const status = STATUS.exec(reader.text('Status') ?? '')?.[1]
  if (status === undefined) note('bad-status', group.offset)
  return {
    originalRecipient: reader.typed('Original-Recipient'),
    finalRecipient,
    action,
    status,
    remoteMta: reader.typed('Remote-MTA'),
    diagnosticCode: reader.typed('Diagnostic-Code'),
    lastAttemptDate: reader.date('Last-Attempt-Date'),
    finalLogId: reader.text('Final-Log-ID'),
    willRetryUntil: reader.date('Will-Retry-Until'),
  }
}

/** The first field of each name counts. */
class GroupReader {
  readonly #group: Group
  readonly #note: Note

  constructor(group: Group, note: Note) {
    this.#group = group
    this.#note = note
  }

  text(name: string): string | undefined {
    const field = fieldsNamed(this.#group.header, name)[0]
    return field === undefined ? undefined : trimSpace(field.text)
  }

  // typed = atom ";" *text, with comments around the atom
  typed(name: string): TypedValue | undefined {
    const text = this.text(name)
    if (text === undefined) return undefined
    const start = skipCfws(text, 0)
    const semicolon = text.indexOf(';', start)
    const type = semicolon < 0 ? undefined : ATOM.exec(text.slice(start, semicolon))?.[1]?.toLowerCase()
    if (type === undefined) {
      this.#note('bad-typed-value', this.#group.offset)
      return undefined
    }
    const value = trimSpace(text.slice(semicolon + 1))
    return { type, value: type === 'utf-8' ? resolveEscapes(value) : value }
  }

  date(name: string): ParsedDate | undefined {
    const text = this.text(name)
    const date = text === undefined ? undefined : parseDate(text)
    if (date?.ok === false) this.#note('bad-date', this.#group.offset)
    return date?.ok === true ? date.value : undefined
  }
}

// EmbeddedUnicodeChar = "\x" "{" HEXPOINT "}"      RFC 6533 §3; what is no character stays
function resolveEscapes(address: string): string {
  return address.replace(ESCAPE, (escape, hex: string) => {
    const code = Number.parseInt(hex, 16)
    return code > 0x1f && code <= 0x10ffff && (code < 0xd800 || code > 0xdfff) ? String.fromCodePoint(code) : escape
  })
}

const ACTIONS: ReadonlySet<string> = new Set(['failed', 'delayed', 'delivered', 'relayed', 'expanded'])
/** Comments follow it in real reports. */
const STATUS = /^([245]\.[0-9]{1,3}\.[0-9]{1,3})(?![0-9.])/
const ATOM = /^([A-Za-z0-9!#$%&'*+\-/=?^_`{|}~.]{1,64})(?:[ \t].*)?$/
const ESCAPE = /\\x\{([0-9A-Fa-f]{1,6})\}/g
const NO_FIELDS: HeaderSection = {
  fields: [],
  defects: [],
  octets: new Uint8Array(0),
  emptyLine: new Uint8Array(0),
}
