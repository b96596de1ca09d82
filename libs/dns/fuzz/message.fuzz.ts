// Messages from octets; what is accepted is written in both ways, read again, and given to the server.

import {
  AnswerPackets,
  decodeMessage,
  encodeMessage,
  formatRecord,
  handleMessage,
  type Message,
  parseZone,
  parseName,
  readAnswer,
  ROOT,
  type ServerState,
  zoneSet,
} from '../src/index.ts'

const hex = (text: string): Uint8Array => Uint8Array.fromHex(text.replaceAll(' ', ''))

export const seeds: readonly (string | Uint8Array)[] = [
  hex('0001 0100 0001 0000 0000 0001 076578616d706c65 036f7267 00 0001 0001 00 0029 04d0 00000000 0000'),
  hex(
    '0001 8400 0001 0002 0000 0000 036f7267 00 000f 0001 c00c 000f 0001 0000003c 0006 000a 0161 c00c c00c 0010 0001 0000003c 0003 026162',
  ),
  hex(
    '0002 2800 0001 0001 0001 0000 036f7267 00 0006 0001 c00c 00ff 00fe 00000000 0000 0161 c00c 0010 0001 0000003c 0002 0178',
  ),
  hex('0003 8000 0002 0000 0000 0000 0161 c012 0001 0001 c00c 0001 0001'),
]

export function fuzz(input: Uint8Array): void {
  STATE ??= state()
  const reaction = handleMessage(STATE, { octets: input, transport: 'udp', peer: PEER, now: 1_700_000_000 })
  if (reaction.kind === 'change') throw new Error('an unsigned message has changed the zone')
  if (reaction.kind === 'reply' && (reaction.octets.length > 1232 || !decodeMessage(reaction.octets).ok)) {
    throw new Error('our reply is too long or cannot be read')
  }
  // An answer that is kept is the one that would be made.
  const kept = handleMessage({ ...STATE, packets: PACKETS }, { octets: input, transport: 'udp', peer: PEER, now: 1 })
  const made = handleMessage(STATE, { octets: input, transport: 'udp', peer: PEER, now: 1 })
  if (kept.kind !== made.kind || (kept.kind === 'reply' && made.kind === 'reply' && !equal(kept.octets, made.octets))) {
    throw new Error('a kept answer differs')
  }
  const message = decodeMessage(input)
  if (!message.ok) return
  let octets = 0
  for (const record of [...message.value.answers, ...message.value.authorities, ...message.value.additionals]) {
    octets += record.rdata.byteLength
  }
  if (octets > 9 * input.length + 1024) throw new Error('it grew past its limit')
  for (const compress of [true, false]) {
    const written = encodeMessage(message.value, { compress })
    const again = decodeMessage(written.octets)
    if (!again.ok) throw new Error(`what was written cannot be read: ${again.error.kind}`)
    if (written.truncated === message.value.truncated && describe(again.value) !== describe(message.value)) {
      throw new Error('written and read again, it differs')
    }
  }
  const question = message.value.questions[0]
  if (question !== undefined) readAnswer(message.value, question.name, question.type)
}

function equal(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((octet, i) => octet === b[i])
}

const PACKETS = new AnswerPackets({ answers: 64 })
let STATE: ServerState | undefined

function state(): ServerState {
  const origin = parseName('org', ROOT)
  if (!origin.ok) throw new Error('unreachable')
  const zone = parseZone(
    '@ 60 SOA a b 1 2 3 4 5\n@ NS ns\na A 192.0.2.1\n*.w MX 10 a\nb CNAME a\ns NS t.s\n',
    origin.value,
  )
  if (!zone.ok) throw new Error('unreachable')
  return { zones: zoneSet([zone.value]), keys: [], grants: [] }
}

function describe(message: Message): string {
  const { id, opcode, rcode, questions, answers, authorities, additionals } = message
  const lines = [answers, authorities, additionals].map((records) => records.map(formatRecord).join('\n').toLowerCase())
  const asked = questions.map(({ name, type, class: klass }) => `${name.key} ${type} ${klass}`)
  // An extended rcode without OPT cannot be: the upper bits come from there.
  return JSON.stringify([id, opcode, rcode, asked, lines])
}

const PEER = { address: '192.0.2.1', port: 4000 }
