// What must not work, tried on the open doors of a bottle: each attempt by hand, each refusal with its reply.

import type { Endpoint } from '@scop/bottle'
import { Failure } from './failure.ts'
import { ownTls } from './own-tls.ts'
import { openProbe, type Probe, type ProbeReply } from './smtp-probe.ts'
import type { Side } from './selftest-bottles.ts'

export type Login = { readonly account: string; readonly password: string }
export type Refusal = {
  readonly id: string
  readonly title: string
  /** Makes the attempt; the reply that must be a refusal. */
  attempt(): Promise<ProbeReply>
  /** Whether this is the refusal that is due. */
  due(reply: ProbeReply): boolean
}

/** Attempts on `side`, some of them after a proper login; `stranger` is an address that is not the account's. */
export function refusalsOf(side: Side, login: Login, stranger: string): readonly Refusal[] {
  const { listen, limits } = side.bottle.configuration
  const submissions = async (use: (probe: Probe) => Promise<ProbeReply>): Promise<ProbeReply> =>
    withProbe(await openProbe(listen.submissions, await ownTls(side.bottle)), use)
  const loggedIn = (use: (probe: Probe) => Promise<ProbeReply>): Promise<ProbeReply> =>
    submissions(async (probe) => {
      await expectCode(probe, 235, authPlain(login))
      return use(probe)
    })
  const clear = async (at: Endpoint, use: (probe: Probe) => Promise<ProbeReply>): Promise<ProbeReply> =>
    withProbe(await openProbe(at), use)
  const permanent = (reply: ProbeReply): boolean => reply.code >= 500 && reply.code <= 599
  return [
    {
      id: 'wrong-password',
      title: 'a wrong password',
      attempt: () => submissions((probe) => probe.say(authPlain({ ...login, password: `${login.password}x` }))),
      due: ({ code }) => code === 535,
    },
    {
      id: 'plain-text-auth',
      title: 'AUTH without TLS',
      attempt: () => clear(listen.submission, (probe) => probe.say(authPlain(login))),
      due: ({ code }) => code === 538 || code === 530 || code === 504,
    },
    {
      id: 'no-auth',
      title: 'submission without a login',
      attempt: () => submissions((probe) => probe.say(`MAIL FROM:<${login.account}>`)),
      due: ({ code }) => code === 530,
    },
    {
      id: 'foreign-sender',
      title: 'an envelope sender that is not yours',
      attempt: () => loggedIn((probe) => probe.say(`MAIL FROM:<${stranger}>`)),
      due: permanent,
    },
    {
      id: 'foreign-from',
      title: 'a From that is not yours',
      attempt: () =>
        loggedIn(async (probe) => {
          await expectCode(probe, 250, `MAIL FROM:<${login.account}>`)
          await expectCode(probe, 250, `RCPT TO:<${login.account}>`)
          await expectCode(probe, 354, 'DATA')
          return probe.say(`From: <${stranger}>\r\nTo: <${login.account}>\r\nSubject: forged\r\n\r\nforged\r\n.`)
        }),
      due: permanent,
    },
    {
      id: 'too-large',
      title: 'a message above the limit',
      attempt: () =>
        loggedIn((probe) => probe.say(`MAIL FROM:<${login.account}> SIZE=${limits['message-octets'] + 1}`)),
      due: ({ code }) => code === 552,
    },
    {
      id: 'unknown-recipient',
      title: 'an unknown recipient, from outside',
      attempt: () =>
        clear(listen.smtp, async (probe) => {
          await expectCode(probe, 250, 'MAIL FROM:<probe@selftest.invalid>')
          return probe.say(`RCPT TO:<nobody-${process.pid}@${side.domain}>`)
        }),
      due: ({ code }) => code === 550,
    },
    {
      id: 'relaying',
      title: 'relaying for strangers',
      attempt: () =>
        clear(listen.smtp, async (probe) => {
          await expectCode(probe, 250, 'MAIL FROM:<probe@selftest.invalid>')
          return probe.say('RCPT TO:<somebody@elsewhere.invalid>')
        }),
      due: permanent,
    },
  ]
}

async function withProbe(probe: Probe, use: (probe: Probe) => Promise<ProbeReply>): Promise<ProbeReply> {
  try {
    await expectCode(probe, 250, 'EHLO selftest.invalid')
    return await use(probe)
  } finally {
    probe.close()
  }
}

async function expectCode(probe: Probe, code: number, line: string): Promise<void> {
  const reply = await probe.say(line)
  if (reply.code !== code) {
    const verb = line.split(' ', 1)[0] ?? ''
    throw new Failure('unexpected-reply', `${verb} was answered ${reply.code} ${reply.text}, where ${code} was due`)
  }
}

const authPlain = ({ account, password }: Login): string =>
  `AUTH PLAIN ${Buffer.from(`\0${account}\0${password}`).toString('base64')}`
