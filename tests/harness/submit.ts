// A submission as the account of a test bottle, and a message from a stranger to it; over sockets of their own.

import type { TestBottle } from './bottle.ts'
import { type Dialogue, openDialogue, plainLogin, stuffed } from './smtp-dialogue.ts'

/** Connected, greeted, and authenticated where users are. */
export async function enter(bottle: TestBottle, listener: 'smtp' | 'submissions'): Promise<Dialogue> {
  const { address, port } = bottle.configuration.listen[listener]
  const client = await openDialogue({ host: address, port, tls: listener === 'submissions' })
  for (const reply of [await client.reply(), await client.command('EHLO client.example')]) {
    if (!/^2[25]0/.test(reply ?? '')) throw new Error(`Cannot enter: ${reply ?? 'closed'}`)
  }
  if (listener === 'submissions') {
    const said = await client.command(plainLogin(bottle.account, bottle.password))
    if (!said.startsWith('235')) throw new Error(`Cannot authenticate: ${said}`)
  }
  return client
}

/** One transaction. The reply to the message, or the first refusal before it. */
export async function transact(
  client: Dialogue,
  sender: string,
  recipient: string,
  message: string | Uint8Array,
): Promise<string> {
  for (const line of [`MAIL FROM:<${sender}>`, `RCPT TO:<${recipient}>`, 'DATA']) {
    const said = await client.command(line)
    if (!/^[23]/.test(said)) return said
  }
  client.write(stuffed(Buffer.from(message)))
  return client.command('.')
}

/** A short message of the bottle's account. The reply, whatever it is. */
export async function submit(
  bottle: TestBottle,
  recipient: string,
  subject: string,
  body = 'Hello.\r\n',
): Promise<string> {
  const client = await enter(bottle, 'submissions')
  const header = `From: <${bottle.account}>\r\nTo: <${recipient}>\r\nSubject: ${subject}\r\n`
  const said = await transact(client, bottle.account, recipient, `${header}\r\n${body}`)
  await client.command('QUIT')
  client.close()
  return said
}
