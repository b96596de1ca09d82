// What submission does to a message: makes sure that the author is who authenticated, adds what RFC 5322 demands
// and the client left out, and puts our Received field above. The octets that came stay as they came, below.
// RFC 6409 §6, §8 (what a submission server may fix), RFC 5322 §3.6 (Date and From are not optional)

import { type DomainName, equalMailboxes, type Mailbox } from '@scop/identifiers'
import {
  type Field,
  fieldsNamed,
  formatDate,
  formatField,
  formatMessageId,
  formatReceived,
  type HeaderSection,
  mailboxesOf,
  parseAddressList,
  readHeader,
  type StreamedMessage,
  type WithProtocol,
} from '@scop/mime'
import { concatOctets } from '@scop/octets'
import { err, expectOk, ok, type Result } from '@scop/result'

export type SubmissionError =
  | { readonly kind: 'no-from' }
  | { readonly kind: 'many-from' }
  | { readonly kind: 'duplicate-field'; readonly name: string }
  | { readonly kind: 'unreadable-address'; readonly field: string; readonly reason: string }
  | { readonly kind: 'not-yours'; readonly field: string; readonly mailbox: Mailbox }
  | { readonly kind: 'bad-header'; readonly reason: string }
  | { readonly kind: 'loop'; readonly received: number }

export type Submission = {
  readonly hostname: DomainName
  readonly protocol: WithProtocol
  readonly trace: string
  readonly tlsCipher: string | undefined
  /** Present when there is one only. */
  readonly recipient: Mailbox | undefined
  readonly epochMilliseconds: number
  readonly randomOctets: (count: number) => Uint8Array
  /** Whether the authenticated account may write as this mailbox. */
  readonly owns: (mailbox: Mailbox) => Promise<boolean>
  readonly receivedFields: number
}

/** Reads the header from `octets`, checks and completes it; answers the whole message as it goes on. */
export async function acceptSubmission(
  octets: AsyncIterable<Uint8Array>,
  submission: Submission,
): Promise<Result<AsyncIterable<Uint8Array>, SubmissionError>> {
  const read = await readHeader(octets)
  if (!read.ok) return err({ kind: 'bad-header', reason: read.error.kind })
  const checked = await checkAuthor(read.value.header, submission)
  return checked.ok ? ok(completed(read.value, submission)) : checked
}

async function* completed({ header, body }: StreamedMessage, submission: Submission): AsyncGenerator<Uint8Array> {
  yield concatOctets([...addedFields(header, submission), header.octets])
  yield* body
}

function addedFields(header: HeaderSection, submission: Submission): readonly Uint8Array[] {
  const { hostname, protocol, trace, tlsCipher, recipient, epochMilliseconds, randomOctets } = submission
  const added = [
    // Where our user sits is nobody's business: no "from".
    formatReceived({
      by: hostname,
      with: protocol,
      id: trace,
      epochMilliseconds,
      ...(recipient && { for: recipient }),
      ...(tlsCipher !== undefined && { tlsCipher }),
    }),
  ]
  if (fieldsNamed(header, 'Date').length === 0) added.push(field('Date', formatDate(epochMilliseconds)))
  if (fieldsNamed(header, 'Message-ID').length === 0)
    added.push(field('Message-ID', formatMessageId(randomOctets(16), hostname)))
  return added
}

const field = (name: string, value: string): Uint8Array => expectOk(formatField(name, value), `write ${name}`)

async function checkAuthor(header: HeaderSection, submission: Submission): Promise<Result<void, SubmissionError>> {
  const defect = header.defects.find(
    ({ kind }) => kind === 'not-a-field' || kind === 'nul' || kind === 'space-before-colon',
  )
  // A line that is no field ends the header for some readers and not for others: they would see two messages.
  if (defect !== undefined) return err({ kind: 'bad-header', reason: `${defect.kind} at octet ${defect.offset}` })
  for (const name of ONCE) if (fieldsNamed(header, name).length > 1) return err({ kind: 'duplicate-field', name })
  const received = fieldsNamed(header, 'Received').length
  if (received > submission.receivedFields) return err({ kind: 'loop', received })
  const [from, ...more] = fieldsNamed(header, 'From')
  if (from === undefined) return err({ kind: 'no-from' })
  if (more.length > 0) return err({ kind: 'many-from' })
  const authors = await ownedMailboxes('From', from, submission)
  if (!authors.ok) return authors
  const [sender] = fieldsNamed(header, 'Sender')
  if (sender === undefined) return ok(undefined)
  const senders = await ownedMailboxes('Sender', sender, submission)
  return senders.ok ? ok(undefined) : senders
}

/** Every mailbox in the field must belong to the account: a display of several authors is a display of their consent. */
async function ownedMailboxes(name: string, from: Field, { owns }: Submission): Promise<Result<void, SubmissionError>> {
  const addresses = parseAddressList(from.text)
  if (!addresses.ok) return err({ kind: 'unreadable-address', field: name, reason: addresses.error.kind })
  const mailboxes = mailboxesOf(addresses.value).map(({ mailbox }) => mailbox)
  if (mailboxes.length === 0) return err({ kind: 'unreadable-address', field: name, reason: 'no-address' })
  const asked: Mailbox[] = []
  for (const mailbox of mailboxes) {
    if (asked.some((one) => equalMailboxes(one, mailbox))) continue
    if (asked.length >= MAX_AUTHORS)
      return err({ kind: 'unreadable-address', field: name, reason: 'too-many-addresses' })
    asked.push(mailbox)
    if (!(await owns(mailbox))) return err({ kind: 'not-yours', field: name, mailbox })
  }
  return ok(undefined)
}

const MAX_AUTHORS = 10
/** RFC 5322 §3.6: at most once; a second one is what another reader shows. */
const ONCE = [
  'Date',
  'Sender',
  'Reply-To',
  'To',
  'Cc',
  'Bcc',
  'Message-ID',
  'In-Reply-To',
  'References',
  'Subject',
  'MIME-Version',
  'Content-Type',
  'Content-Transfer-Encoding',
]
