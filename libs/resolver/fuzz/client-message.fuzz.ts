// Messages of clients from octets; the same octets as what servers said, told to a client and read for mail.

import { decodeMessage, type Message } from '@scop/dns'
import {
  formatClientReply,
  groupRecords,
  type MailAnswer,
  type Outcome,
  readAddresses,
  readClientMessage,
  readDs,
  readMx,
  readHostRecords,
  readTlsa,
  readTxt,
  ReplyCache,
  TRUST,
} from '../src/index.ts'

const hex = (text: string): Uint8Array => Uint8Array.fromHex(text.replaceAll(' ', ''))

export const seeds: readonly (string | Uint8Array)[] = [
  hex('0001 0100 0001 0000 0000 0001 076578616d706c65 036f7267 00 0001 0001 00 0029 04d0 00000000 0000'),
  hex('0001 8180 0001 0001 0000 0000 036f7267 00 000f 0001 c00c 000f 0001 0000003c 0006 000a 0161 c00c'),
  hex(
    '0001 8180 0001 0002 0000 0000 036f7267 00 0010 0001 c00c 0005 0001 0000003c 0004 0161 c00c c021 0010 0001 0000003c 0002 0178',
  ),
  hex('0003 2800 0001 0000 0000 0000 0161 00 00fc 0001'),
]

export function fuzz(input: Uint8Array): void {
  const read = readClientMessage(input)
  if (read.kind === 'reply') wholeReply(read.octets)
  const decoded = decodeMessage(input)
  const [question] = decoded.ok ? decoded.value.questions : []
  if (!decoded.ok || question === undefined) return
  const outcome = outcomeOf(decoded.value)
  const names = [
    readMx(outcome, question.name, () => 0),
    readTxt(outcome, question.name),
    readTlsa(outcome, question.name),
    readHostRecords(outcome, question.name, 'MX'),
    readHostRecords(outcome, question.name, 'PTR'),
    readDs(outcome, question.name),
    readAddresses(outcome, outcome, question.name),
  ]
  for (const answer of names) judge(answer, outcome)
  const reply = formatClientReply(decoded.value, outcome, 'udp')
  wholeReply(reply)
  const cache = new ReplyCache(1 << 16)
  cache.keep(input, 'datagram', reply, outcome, 0)
  const again = cache.answer(input, 'datagram', 500)
  if (again !== undefined && Buffer.compare(again.subarray(2), reply.subarray(2)) !== 0) {
    throw new Error('a kept reply is another one')
  }
}

function judge(answer: MailAnswer<unknown>, outcome: Outcome): void {
  if (answer.kind !== 'temporary' && outcome.status === 'bogus') throw new Error('what is bogus was taken')
  if (answer.kind !== 'temporary' && answer.security === 'secure' && outcome.status !== 'secure') {
    throw new Error('what is not secure was called secure')
  }
}

function wholeReply(octets: Uint8Array): void {
  if (octets.length > 1232) throw new Error(`a reply by UDP of ${octets.length} octets`)
  const decoded = decodeMessage(octets)
  if (!decoded.ok || !decoded.value.response) throw new Error('our reply cannot be read')
}

/** The id says which status, so that all come by. */
function outcomeOf(message: Message): Outcome {
  const status = (['secure', 'insecure', 'bogus', 'indeterminate'] as const)[message.id & 3] ?? 'bogus'
  return {
    status,
    rcode: message.rcode & 0xf,
    answer: groupRecords(message.answers, TRUST.answer),
    authority: groupRecords(message.authorities, TRUST.authority),
    additional: groupRecords(message.additionals, TRUST.additional),
    ede: [],
    ttlSeconds: 60,
    stale: false,
    authoritative: false,
  }
}
