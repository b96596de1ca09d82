// A mail store in a directory that goes with the test, and an envelope.

import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import type { Envelope } from '@scop/bottle'
import { type Mailbox, parseMailbox } from '@scop/identifiers'
import { INBOX, type MailStore, type MailStoreLimits } from '@scop/mail-store'
import { openMailStore } from '@scop/mail-store/node'
import { concatOctets, decodeLatin1 } from '@scop/octets'
import { expectOk } from '@scop/result'

export async function openStore(t: TestContext, limits: Partial<MailStoreLimits> = {}): Promise<MailStore> {
  const path = await mkdtemp(join(tmpdir(), 'mailbox-'))
  const store = expectOk(await openMailStore({ path, limits }), 'open')
  t.after(async () => {
    await store.close()
    await rm(path, { recursive: true })
  })
  return store
}

export const mailbox = (text: string): Mailbox => expectOk(parseMailbox(text, { utf8: true }), 'parse a mailbox')

export function envelope(sender: string, first: string, ...others: string[]): Envelope {
  return {
    trace: '0123456789abcdef',
    sender: sender === '' ? undefined : mailbox(sender),
    recipients: [mailbox(first), ...others.map(mailbox)],
    smtpUtf8: false,
    body: '7bit',
    arrival: {
      receivedAtMs: 1_790_000_000_000,
      protocol: 'LOCAL',
      client: undefined,
      tls: undefined,
      authenticated: undefined,
    },
  }
}

export async function stored(store: MailStore, account: string, uid = 1): Promise<string> {
  const { octets } = expectOk(await store.read(account, INBOX, uid), 'read')
  return decodeLatin1(concatOctets(await Array.fromAsync(octets)))
}
