// Submission as any mail client does it: TLS that is verified, a login by SASL, one message. RFC 6409, RFC 8314

import { randomBytes } from 'node:crypto'
import { formatMailbox, type Mailbox } from '@scop/identifiers'
import { parseHeaderSection } from '@scop/mime'
import { chooseMechanism, clientMechanism, formatNonce, MECHANISMS, tlsChannel } from '@scop/sasl'
import { type ClientError, type Credentials, formatReplyText, mailboxPath, type Reply } from '@scop/smtp'
import { connect } from '@scop/smtp/node'
import { EXIT, Failure } from './failure.ts'
import { ownTls } from './own-tls.ts'
import { printable } from './printable.ts'
import type { OpenedHome } from './running-bottle.ts'

/** A listener of the bottle: TLS from the first octet, or STARTTLS. */
export type Door = 'submissions' | 'submission'

export type ToSubmit = {
  readonly opened: OpenedHome
  readonly door: Door
  readonly login: { readonly account: string; readonly password: string }
  /** SASL mechanisms that may be used; default: all, and the strongest of them that is offered. */
  readonly mechanisms?: readonly string[]
  readonly sender: Mailbox
  readonly recipients: readonly Mailbox[]
  /** Such that `transportable` has nothing against it. */
  readonly message: Uint8Array
  readonly body: '7bit' | '8bitmime'
  readonly signal: AbortSignal
}

export type Submitted = {
  readonly reply: SaidReply
  /** The SASL mechanism that was used. */
  readonly mechanism: string
  readonly tls: { readonly version: string; readonly cipher: string }
  /** Recipients that were refused while others were taken. */
  readonly refused: readonly (SaidReply & { readonly mailbox: string })[]
}
export type SaidReply = { readonly code: number; readonly text: string }

/** Sends one message; throws `Failure` with the server's words when it is not taken. */
export async function submitMessage(given: ToSubmit): Promise<Submitted> {
  const { opened, door, login, message, body, recipients, signal } = given
  const { address, port } = opened.configuration.listen[door]
  let mechanism = ''
  const credentials: Credentials = {
    identity: login.account,
    choose: (offered, tls) => {
      if (tls === undefined) return undefined
      const channel = tlsChannel(tls)
      const allowed = MECHANISMS.filter(({ name }) => given.mechanisms?.includes(name) ?? true)
      const name = chooseMechanism(offered, channel, allowed)
      if (name === undefined) return undefined
      // Who may not bind must not say that it could: the server, which offers it, would see a downgrade. RFC 5802 §6
      const binds = allowed.some((one) => one.name.endsWith('-PLUS'))
      const channelBinding = binds ? channel.bindings[0] : undefined
      const made = clientMechanism({
        name,
        username: login.account,
        password: login.password,
        ...(channelBinding && { channelBinding }),
        nonce: formatNonce(randomBytes(NONCE_OCTETS)),
      })
      mechanism = name
      return made.ok ? { name, mechanism: made.value } : undefined
    },
  }
  const connected = await connect({
    host: address,
    port,
    hostname: 'localhost',
    tls: door === 'submissions' ? 'implicit' : 'required',
    tlsOptions: await ownTls(opened),
    credentials,
    signal,
  })
  if (!connected.ok) throw clientFailure(connected.error, `${address}:${port}`)
  const client = connected.value
  try {
    const envelope = {
      sender: mailboxPath(given.sender),
      recipients: recipients.map(mailboxPath),
      size: message.length,
      body,
      utf8: headerIsUtf8(message),
    }
    const sent = await client.send(envelope, () => pieces(message))
    if (!sent.ok) throw clientFailure(sent.error, `${address}:${port}`)
    const { mail, recipients: replies, data } = sent.value
    const refused = recipients.flatMap((mailbox, at) => {
      const reply = replies[at]
      return reply === undefined || reply.code < 300 ? [] : [{ mailbox: formatMailbox(mailbox), ...said(reply) }]
    })
    const last = [mail, ...replies, ...(data ? [data] : [])].findLast(({ code }) => code >= 300)
    if (data === undefined || data.code >= 300)
      throw new Failure('refused', `The server refused: ${printable(formatReplyText(last ?? mail))}`)
    const { version, cipher } = client.facts.tls ?? { version: 'none', cipher: 'none' }
    return { reply: said(data), mechanism, tls: { version, cipher }, refused }
  } finally {
    await client.quit()
  }
}

/** Also a header in UTF-8 asks for SMTPUTF8, not only an address. RFC 6531 §3.4 */
function headerIsUtf8(message: Uint8Array): boolean {
  const parsed = parseHeaderSection(message)
  return parsed.ok && parsed.value.header.octets.some((octet) => octet > 0x7f)
}

async function* pieces(message: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < message.length; at += PIECE_OCTETS) yield message.subarray(at, at + PIECE_OCTETS)
}

const said = (reply: Reply): SaidReply => {
  const [, ...words] = formatReplyText(reply).split(' ')
  return { code: reply.code, text: words.join(' ') }
}

function clientFailure(error: ClientError, server: string): Failure {
  switch (error.kind) {
    case 'connect-failed':
      return new Failure('unreachable', `Cannot connect to ${server}: ${error.message}`, {
        exit: EXIT.notRunning,
        next: 'scop status',
      })
    case 'authentication-refused':
      return new Failure('login-refused', `The server refused the login: ${printable(formatReplyText(error.reply))}`, {
        next: 'scop user passwd sets a new password',
      })
    case 'authentication-failed':
      return new Failure('login-failed', `The login broke off: ${printable(JSON.stringify(error.reason))}`)
    case 'no-mechanism':
      return new Failure('no-mechanism', `No mechanism in common; the server offers ${error.offered.join(', ')}`)
    case 'refused':
    case 'tls-refused':
    case 'unexpected-reply':
      return new Failure(error.kind, `The server refused: ${printable(formatReplyText(error.reply))}`)
    case 'tls-failed':
    case 'connection-lost':
    case 'source-failed':
      return new Failure(error.kind, `Cannot talk to ${server}: ${printable(error.message)}`)
    case 'not-supported':
      return new Failure('not-supported', `The server lacks ${error.extension}, which this message needs`)
    case 'timeout':
      return new Failure('timeout', `${server} did not answer in time (${error.waitingFor})`)
    case 'aborted':
      return new Failure('interrupted', 'Interrupted', { exit: EXIT.interrupted })
    case 'bad-content':
    case 'bad-reply':
    case 'tls-injection':
    case 'tls-not-offered':
      return new Failure(error.kind, `Cannot talk to ${server}: ${error.kind.replaceAll('-', ' ')}`)
  }
}

const NONCE_OCTETS = 18
const PIECE_OCTETS = 64 * 1024
