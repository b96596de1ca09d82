// A message: its fields by the rules of RFC 5322 §3.6 (or §4.5: in any order and several times), and its body.

import type { Entity, EntityField } from '@scop/mime'
import { drawDomain, writeAddressList, writeMailboxList, writePath } from './addresses.ts'
import { givenField, unstructuredField } from './content-fields.ts'
import { writeDate } from './dates.ts'
import { formatBase64 } from './encoded-words.ts'
import { writeMessageId, writeMessageIds } from './identifiers.ts'
import { type FieldWriter, planBareText } from './leaves.ts'
import { writeListCommand, writeListId } from './list-header.ts'
import type { Scribe } from './scribe.ts'
import { planMessageBody, type Room } from './structure.ts'
import { writePhrase } from './text-fields.ts'
import { writeAuthenticationResults, writeReceived } from './trace-fields.ts'

// message = (fields / obs-fields) [CRLF body]
export function writeMessage(scribe: Scribe, room: Room): Entity {
  const { random } = scribe
  if (room.depth > 0 && scribe.choose('inner-message') === 'no-fields') {
    scribe.out.lineEnd()
    return { fields: [], body: planBareText(scribe, false).writeBody() }
  }
  const form = scribe.choose('message-body')
  const plan = form === 'present' ? planMessageBody(scribe, room) : undefined
  const trace = [...traceFields(scribe), ...resentFields(scribe)]
  const rest = [...originFields(scribe), ...optionalFields(scribe)]
  if (plan?.mime === true) rest.push(mimeVersionField(scribe))
  rest.push(...(plan?.fields ?? []))
  const all = [...trace, ...rest]
  if (scribe.choose('field-order') === 'obs-any-order') random.shuffle(all)
  const fields: EntityField[] = all.map((write) => write())
  if (plan === undefined) {
    if (form === 'empty') scribe.out.lineEnd()
    return { fields, body: { kind: 'leaf', octets: new Uint8Array(0) } }
  }
  scribe.out.lineEnd()
  return { fields, body: plan.writeBody() }
}

const field =
  (scribe: Scribe, usual: string, write: () => DistributedOmit<EntityField>): FieldWriter =>
  () => {
    const name = scribe.beginField(usual)
    const rest = write()
    scribe.endField()
    return { name, ...rest }
  }

type DistributedOmit<F> = F extends EntityField ? Omit<F, 'name'> : never

function mailboxes(scribe: Scribe, usual: string, most: number): FieldWriter {
  return field(scribe, usual, () => ({ kind: 'addresses', addresses: writeMailboxList(scribe, most) }))
}

function addresses(scribe: Scribe, usual: string): FieldWriter {
  return field(scribe, usual, () => ({ kind: 'addresses', addresses: writeAddressList(scribe, 'any') }))
}

// trace = [return] 1*received
function traceFields(scribe: Scribe): FieldWriter[] {
  const { random } = scribe
  const fields: FieldWriter[] = []
  const path = scribe.choose('return-path')
  if (path !== 'absent')
    fields.push(field(scribe, 'Return-Path', () => ({ kind: 'path', mailbox: writePath(scribe, path) })))
  const number = scribe.choose('received-number')
  const count =
    number === 'none' ? 0 : number === 'one' ? 1 : number === 'few' ? random.between(2, 5) : random.between(6, 15)
  for (let i = 0; i < count; i++) {
    fields.push(field(scribe, 'Received', () => ({ kind: 'received', received: writeReceived(scribe) })))
    if (scribe.choose('authentication-results') === 'present') {
      fields.push(
        field(scribe, 'Authentication-Results', () => ({
          kind: 'authentication-results',
          results: writeAuthenticationResults(scribe),
        })),
      )
    }
  }
  return fields
}

// *(resent-date / resent-from / …)
function resentFields(scribe: Scribe): FieldWriter[] {
  const { random } = scribe
  const fields: FieldWriter[] = []
  const kind = scribe.choose('resent')
  for (let blocks = kind === 'none' ? 0 : kind === 'one' ? 1 : random.between(2, 3); blocks > 0; blocks--) {
    fields.push(field(scribe, 'Resent-Date', () => ({ kind: 'date', date: writeDate(scribe) })))
    fields.push(mailboxes(scribe, 'Resent-From', 2))
    if (random.chance(30)) fields.push(mailboxes(scribe, 'Resent-Sender', 1))
    if (random.chance(80)) fields.push(addresses(scribe, 'Resent-To'))
    if (random.chance(20)) fields.push(addresses(scribe, 'Resent-Cc'))
    if (random.chance(15)) fields.push(addresses(scribe, 'Resent-Bcc'))
    if (random.chance(10)) fields.push(addresses(scribe, 'Resent-Reply-To'))
    if (random.chance(70)) {
      fields.push(field(scribe, 'Resent-Message-ID', () => ({ kind: 'message-ids', ids: [writeMessageId(scribe)] })))
    }
  }
  return fields
}

function originFields(scribe: Scribe): FieldWriter[] {
  const { random } = scribe
  const fields: FieldWriter[] = []
  if (scribe.choose('orig-date') === 'present')
    fields.push(field(scribe, 'Date', () => ({ kind: 'date', date: writeDate(scribe) })))
  fields.push(mailboxes(scribe, 'From', scribe.profile === 'grammar' ? 3 : 1))
  if (scribe.choose('sender') === 'present') fields.push(mailboxes(scribe, 'Sender', 1))
  if (scribe.choose('reply-to') === 'present') fields.push(addresses(scribe, 'Reply-To'))
  if (scribe.choose('to') === 'present') fields.push(addresses(scribe, 'To'))
  if (scribe.choose('cc') === 'present') fields.push(addresses(scribe, 'Cc'))
  const bcc = scribe.choose('bcc')
  // bcc = "Bcc:" [address-list / CFWS] CRLF
  if (bcc === 'empty') {
    fields.push(
      field(scribe, 'Bcc', () => {
        scribe.cfws()
        return { kind: 'addresses', addresses: [] }
      }),
    )
  } else if (bcc === 'present') fields.push(addresses(scribe, 'Bcc'))
  if (scribe.choose('message-id') === 'present') {
    fields.push(field(scribe, 'Message-ID', () => ({ kind: 'message-ids', ids: [writeMessageId(scribe)] })))
  }
  if (scribe.choose('references') === 'present') {
    fields.push(field(scribe, 'In-Reply-To', () => ({ kind: 'message-ids', ids: writeMessageIds(scribe, 2, true) })))
    fields.push(field(scribe, 'References', () => ({ kind: 'message-ids', ids: writeMessageIds(scribe, 8, false) })))
  }
  const subjects =
    scribe.choose('subject') === 'absent' ? 0 : scribe.choose('field-number') === 'once' ? 1 : random.between(2, 3)
  for (let i = 0; i < subjects; i++) fields.push(unstructuredField(scribe, 'Subject'))
  if (scribe.choose('comments') === 'present') fields.push(unstructuredField(scribe, 'Comments'))
  const keywords = scribe.choose('keywords')
  if (keywords !== 'absent') fields.push(keywordsField(scribe, keywords === 'obs-empty-element'))
  if (scribe.choose('mdn') === 'present') fields.push(mailboxes(scribe, 'Disposition-Notification-To', 2))
  return fields
}

// keywords = "Keywords:" phrase *("," phrase) CRLF      obs-phrase-list = [phrase / CFWS] *("," [phrase / CFWS])
function keywordsField(scribe: Scribe, empties: boolean): FieldWriter {
  return field(scribe, 'Keywords', () => {
    const { out, random } = scribe
    const phrases: string[] = []
    for (let count = random.between(1, 5); count > 0; count--) {
      if (phrases.length > 0) out.text(',')
      if (empties) out.text(random.of([',', ' ,', '', ',,']))
      scribe.cfws()
      phrases.push(writePhrase(scribe, undefined, 2))
      scribe.cfws()
    }
    if (empties) out.text(',')
    return { kind: 'phrases', phrases }
  })
}

// version = "MIME-Version" ":" 1*DIGIT "." 1*DIGIT
function mimeVersionField(scribe: Scribe): FieldWriter {
  return field(scribe, 'MIME-Version', () => {
    if (scribe.choose('mime-version') === 'plain') scribe.out.text('1.0')
    else {
      scribe.out.text(scribe.random.of(['(x (y) z) 1.0', '1.0 (velm)', '1.(made by velm)0', '1 (x).(y) 0']))
    }
    return { kind: 'mime-version', version: { major: 1, minor: 0 } }
  })
}

function optionalFields(scribe: Scribe): FieldWriter[] {
  const { random } = scribe
  const fields: FieldWriter[] = []
  const list = scribe.choose('list')
  const in100 = list === 'none' ? 0 : list === 'some' ? 40 : 100
  for (const usual of ['List-Help', 'List-Unsubscribe', 'List-Subscribe', 'List-Post', 'List-Owner', 'List-Archive']) {
    if (!random.chance(in100)) continue
    fields.push(
      field(scribe, usual, () => ({ kind: 'list-command', command: writeListCommand(scribe, usual === 'List-Post') })),
    )
    if (usual === 'List-Unsubscribe' && random.chance(40)) {
      fields.push(givenField(scribe, 'List-Unsubscribe-Post', 'List-Unsubscribe=One-Click'))
    }
  }
  if (random.chance(in100))
    fields.push(field(scribe, 'List-ID', () => ({ kind: 'list-id', listId: writeListId(scribe) })))
  const number = scribe.choose('optional-field')
  const count =
    number === 'none' ? 0 : number === 'one' ? 1 : number === 'few' ? random.between(2, 5) : random.between(6, 25)
  for (let i = 0; i < count; i++) fields.push(drawOptionalField(scribe))
  return fields
}

// optional-field = field-name ":" unstructured CRLF      field-name = 1*ftext
function drawOptionalField(scribe: Scribe): FieldWriter {
  const { random } = scribe
  switch (random.below(6)) {
    case 0:
      return signatureField(scribe)
    case 1:
      return givenField(
        scribe,
        random.of(['Precedence', 'Auto-Submitted', 'X-Priority', 'Importance']),
        random.of(['bulk', 'no', '3', 'Normal']),
      )
    case 2:
      return unstructuredField(scribe, random.of(['X-Mailer', 'User-Agent', 'Organization', 'Thread-Topic', 'X-Velm']))
    case 3:
      return unstructuredField(scribe, scribe.profile === 'grammar' ? random.of(ODD_NAMES) : 'X-Spam-Status')
    default:
      return unstructuredField(scribe, `X-${scribe.word()}-${scribe.word()}`)
  }
}

/** What a DKIM-Signature looks like; nobody signed it. RFC 6376 §3.5 */
function signatureField(scribe: Scribe): FieldWriter {
  return () => {
    const { out, random } = scribe
    const name = scribe.beginField('DKIM-Signature')
    const base64 = (octets: number): string => formatBase64(Array.from({ length: octets }, () => random.below(256)))
    const signature = base64(128)
    const pieces = [
      'v=1;',
      'a=rsa-sha256;',
      'c=relaxed/relaxed;',
      `d=${drawDomain(scribe)};`,
      `s=${scribe.word()};`,
      'h=from:to:subject:date;',
      `bh=${base64(32)};`,
      `b=${signature.slice(0, 60)}`,
      signature.slice(60, 120),
      signature.slice(120),
    ]
    let text = ''
    for (const piece of pieces) {
      if (text !== '') text += scribe.fws(piece.length)
      out.text(piece)
      text += piece
    }
    scribe.endField()
    return { name, kind: 'unstructured', text }
  }
}

const ODD_NAMES = ['X', '!#$%&', "a'b(c)", 'x/y', '1', '{}~', 'From-', 'X-Very-Long-Name-Of-A-Field-That-Nobody-Reads']
