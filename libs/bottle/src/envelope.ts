// The envelope: what travels with a message through every pipe, typed at both ends and never re-parsed
// from message text. RFC 5321 §3.3 (sender and recipients), RFC 6531 (SMTPUTF8), RFC 6152 (8BITMIME)

import { formatMailbox, type IpAddress, type Mailbox, parseIpAddress, parseMailbox } from '@scop/identifiers'
import { err, ok, type Result } from '@scop/result'
import * as v from 'valibot'

/** One id for a message from wire to mailbox: 16 hexadecimal digits. */
export type Trace = string

export type Envelope = {
  readonly trace: Trace
  /** `undefined` is the null reverse-path `<>`: a bounce, which is never bounced. */
  readonly sender: Mailbox | undefined
  readonly recipients: readonly [Mailbox, ...Mailbox[]]
  /** Whether the message needs SMTPUTF8 to travel on. */
  readonly smtpUtf8: boolean
  readonly body: '7bit' | '8bitmime'
  readonly arrival: Arrival
}

/** How the message came into the bottle. */
export type Arrival = {
  readonly receivedAtMs: number
  /** `with` of RFC 3848 and RFC 6531: SMTP, ESMTP, ESMTPS, ESMTPSA, UTF8SMTPSA, …; LOCAL for mail that we made. */
  readonly protocol: string
  readonly client: { readonly address: IpAddress; readonly helo: string } | undefined
  readonly tls: { readonly version: string; readonly cipher: string } | undefined
  /** The account that authenticated, and by which mechanism. */
  readonly authenticated: { readonly account: string; readonly mechanism: string } | undefined
}

export type EnvelopeError = { readonly kind: 'bad-envelope'; readonly reason: string }

/** The form that travels in the head frame. */
export type EnvelopeJson = v.InferOutput<typeof ENVELOPE>

export function formatEnvelope(envelope: Envelope): EnvelopeJson {
  const { arrival } = envelope
  return {
    trace: envelope.trace,
    sender: envelope.sender === undefined ? '' : formatMailbox(envelope.sender),
    recipients: envelope.recipients.map(formatMailbox),
    smtpUtf8: envelope.smtpUtf8,
    body: envelope.body,
    arrival: {
      receivedAtMs: arrival.receivedAtMs,
      protocol: arrival.protocol,
      ...(arrival.client && { client: arrival.client }),
      ...(arrival.tls && { tls: arrival.tls }),
      ...(arrival.authenticated && { authenticated: arrival.authenticated }),
    },
  }
}

/** Reads what `formatEnvelope` wrote; unknown keys, empty recipients and bad mailboxes are refused. */
export function parseEnvelope(json: unknown): Result<Envelope, EnvelopeError> {
  const parsed = v.safeParse(ENVELOPE, json)
  if (!parsed.success) return bad(v.getDotPath(parsed.issues[0]) ?? parsed.issues[0].message)
  const { arrival, ...rest } = parsed.output
  const sender = rest.sender === '' ? ok(undefined) : parseMailbox(rest.sender, { utf8: true })
  if (!sender.ok) return bad('sender')
  const recipients: Mailbox[] = []
  for (const text of rest.recipients) {
    const recipient = parseMailbox(text, { utf8: true })
    if (!recipient.ok) return bad('recipients')
    recipients.push(recipient.value)
  }
  const [first, ...others] = recipients
  if (first === undefined) return bad('recipients')
  const address = arrival.client === undefined ? ok(undefined) : parseIpAddress(arrival.client.address)
  if (!address.ok) return bad('arrival.client.address')
  return ok({
    trace: rest.trace,
    sender: sender.value,
    recipients: [first, ...others],
    smtpUtf8: rest.smtpUtf8,
    body: rest.body,
    arrival: {
      receivedAtMs: arrival.receivedAtMs,
      protocol: arrival.protocol,
      client:
        arrival.client && address.value !== undefined
          ? { address: address.value, helo: arrival.client.helo }
          : undefined,
      tls: arrival.tls,
      authenticated: arrival.authenticated,
    },
  })
}

/** A fresh trace id from 8 random octets. */
export function formatTrace(random: Uint8Array): Trace {
  if (random.length !== 8) throw new Error(`Cannot make a trace id of ${random.length} octets`)
  return random.toHex()
}

const bad = (reason: string): Result<never, EnvelopeError> => err({ kind: 'bad-envelope', reason })

const MAX_RECIPIENTS = 1000 // the listeners' own limit is lower; this one bounds a frame
const WORD = v.pipe(v.string(), v.maxLength(255))

export const ENVELOPE = v.strictObject({
  trace: v.pipe(v.string(), v.regex(/^[0-9a-f]{16}$/)),
  sender: v.pipe(v.string(), v.maxLength(1024)),
  recipients: v.pipe(v.array(v.pipe(v.string(), v.maxLength(1024))), v.minLength(1), v.maxLength(MAX_RECIPIENTS)),
  smtpUtf8: v.boolean(),
  body: v.picklist(['7bit', '8bitmime']),
  arrival: v.strictObject({
    receivedAtMs: v.pipe(v.number(), v.safeInteger()),
    protocol: v.pipe(v.string(), v.regex(/^[A-Z0-9]{1,16}$/)),
    client: v.optional(v.strictObject({ address: WORD, helo: WORD })),
    tls: v.optional(v.strictObject({ version: WORD, cipher: WORD })),
    authenticated: v.optional(v.strictObject({ account: v.pipe(v.string(), v.maxLength(1024)), mechanism: WORD })),
  }),
})
