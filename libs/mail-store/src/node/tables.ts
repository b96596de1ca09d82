// What each operation does to the tables. `deliver`, `delete`, `removeAccount` and `forgetDeliveries` run inside a
// transaction; whatever they refuse, they refuse before they change anything.

import type { DatabaseSync, SQLInputValue, SQLOutputValue, StatementSync } from 'node:sqlite'
import { blobIdOfRow, type CountedBlobs, type HeldBlob } from '@scop/blobs/node'
import { err, ok, type Result } from '@scop/result'
import type { Delivered, Delivery, MailboxFacts, MessageFacts, StoreError } from '../mail-store.ts'
import type { MailboxName } from '../mailbox-name.ts'

export type MessageRow = { readonly facts: MessageFacts; readonly traceFields: Uint8Array; readonly blob: string }

type Row = Record<string, SQLOutputValue>
type Box = { readonly number: number; readonly account: number }

export class Tables {
  readonly #counted: CountedBlobs
  readonly #sql: Readonly<Record<keyof typeof SQL, StatementSync>>

  constructor(counted: CountedBlobs) {
    this.#counted = counted
    this.#sql = prepareAll(counted.database)
  }

  deliver(
    delivery: Delivery,
    held: HeldBlob,
    { atMs, quotaOctets }: { readonly atMs: number; readonly quotaOctets: number },
  ): Result<readonly Delivered[], StoreError> {
    const before = this.#sql.delivery.get(delivery.deliveryId)
    if (before !== undefined) return ok(JSON.parse(text(before, 'answer')) as Delivered[]) // as: we wrote it below
    const octets = delivery.traceFields.length + held.octets
    if (quotaOctets > 0) {
      const wanted = new Map<string, number>()
      for (const { account } of delivery.recipients) wanted.set(account, (wanted.get(account) ?? 0) + octets)
      for (const [account, more] of wanted) {
        const used = this.#sql.account.get(account)
        const total = (used === undefined ? 0 : number(used, 'octets')) + more
        if (total > quotaOctets) return err({ kind: 'over-quota', account, quotaOctets })
      }
    }
    const delivered: Delivered[] = []
    for (const { account, mailbox } of delivery.recipients) {
      const box = this.#boxFor(account, mailbox, atMs)
      const modSeq = number(one(this.#sql.nextModSeq, octets, box.account), 'mod_seq')
      const uid = number(one(this.#sql.nextUid, modSeq, octets, box.number), 'uid')
      const { sender, trace, from, subject } = delivery.description
      this.#sql.insertMessage.run({
        mailbox: box.number,
        uid,
        modSeq,
        octets,
        internalDateMs: delivery.receivedAtMs,
        sender,
        trace,
        from,
        subject,
        traceFields: delivery.traceFields,
        blob: held.id,
      })
      held.keep()
      delivered.push({ account, mailbox, uid })
    }
    this.#sql.insertDelivery.run(delivery.deliveryId, atMs, JSON.stringify(delivered))
    return ok(delivered)
  }

  accounts(prefix: string): readonly string[] {
    return this.#sql.accounts.all(prefix).map((row) => text(row, 'name'))
  }

  mailboxes(account: string): readonly MailboxFacts[] {
    return this.#sql.mailboxes.all(account).map((row) => ({
      name: text(row, 'name') as MailboxName, // as: only parsed names are written
      uidValidity: number(row, 'uid_validity'),
      uidNext: number(row, 'uid_next'),
      highestModSeq: number(row, 'highest_mod_seq'),
      messages: number(row, 'messages'),
      octets: number(row, 'octets'),
    }))
  }

  list(
    account: string,
    mailbox: MailboxName,
    limit: number,
    beforeUid: number | undefined,
  ): Result<readonly MessageFacts[], StoreError> {
    const box = this.#sql.mailbox.get(account, mailbox)
    if (box === undefined) return err({ kind: 'no-such-mailbox' })
    const rows = this.#sql.list.all(number(box, 'number'), beforeUid ?? Number.MAX_SAFE_INTEGER, limit)
    return ok(rows.map(messageFacts))
  }

  message(account: string, mailbox: MailboxName, uid: number): Result<MessageRow, StoreError> {
    const box = this.#sql.mailbox.get(account, mailbox)
    if (box === undefined) return err({ kind: 'no-such-mailbox' })
    const row = this.#sql.message.get(number(box, 'number'), uid)
    if (row === undefined) return err({ kind: 'no-such-message' })
    const traceFields = row['trace_fields']
    if (!(traceFields instanceof Uint8Array)) throw new Error('Cannot read a message row: trace_fields')
    return ok({ facts: messageFacts(row), traceFields, blob: text(row, 'blob') })
  }

  delete(account: string, mailbox: MailboxName, uid: number): boolean {
    const box = this.#sql.mailbox.get(account, mailbox)
    if (box === undefined) return false
    const row = this.#sql.deleteMessage.get(number(box, 'number'), uid)
    if (row === undefined) return false
    const octets = number(row, 'octets')
    const modSeq = number(one(this.#sql.lessInAccount, octets, account), 'mod_seq')
    // todo RFC 7162 §3.2: remember the uids that went, for QRESYNC
    this.#sql.lessInMailbox.run(modSeq, octets, number(box, 'number'))
    this.#counted.drop(blobIdOfRow(row['blob']))
    return true
  }

  removeAccount(account: string): number {
    const row = this.#sql.account.get(account)
    if (row === undefined) return 0
    const blobs = this.#sql.blobsOfAccount.all(number(row, 'number'))
    this.#sql.deleteAccount.run(number(row, 'number'))
    for (const { blob } of blobs) this.#counted.drop(blobIdOfRow(blob))
    return blobs.length
  }

  forgetDeliveries(beforeMs: number): void {
    this.#sql.forgetDeliveries.run(beforeMs)
  }

  size(): { readonly messages: number; readonly octets: number } {
    const row = one(this.#sql.size)
    return { messages: number(row, 'messages'), octets: number(row, 'octets') }
  }

  #boxFor(account: string, mailbox: MailboxName, atMs: number): Box {
    const found = this.#sql.mailbox.get(account, mailbox)
    if (found !== undefined) return { number: number(found, 'number'), account: number(found, 'account') }
    this.#sql.insertAccount.run(account)
    const owner = number(one(this.#sql.account, account), 'number')
    // Seconds since 1970, but always more than the last one given. RFC 9051 §2.3.1.1
    const uidValidity = number(one(this.#sql.nextUidValidity, Math.floor(atMs / 1000)), 'last')
    return { number: number(one(this.#sql.insertMailbox, owner, mailbox, uidValidity), 'number'), account: owner }
  }
}

function messageFacts(row: Row): MessageFacts {
  const flags = text(row, 'flags')
  return {
    uid: number(row, 'uid'),
    modSeq: number(row, 'mod_seq'),
    flags: flags === '' ? [] : flags.split(' '),
    octets: number(row, 'octets'),
    internalDateMs: number(row, 'internal_date_ms'),
    sender: text(row, 'sender'),
    trace: text(row, 'trace'),
    from: text(row, 'from_text'),
    subject: text(row, 'subject'),
  }
}

function one(statement: StatementSync, ...values: SQLInputValue[]): Row {
  const row = statement.get(...values)
  if (row === undefined) throw new Error(`Cannot find the row that must be there: ${statement.sourceSQL}`)
  return row
}

function number(row: Row, column: string): number {
  const value = row[column]
  if (typeof value !== 'number') throw new Error(`Cannot read column "${column}": ${typeof value}`)
  return value
}

function text(row: Row, column: string): string {
  const value = row[column]
  if (typeof value !== 'string') throw new Error(`Cannot read column "${column}": ${typeof value}`)
  return value
}

const MESSAGE_COLUMNS = 'uid, mod_seq, flags, octets, internal_date_ms, sender, trace, from_text, subject'
const SQL = {
  account: 'SELECT number, octets FROM account WHERE name = ?',
  accounts: 'SELECT name FROM account WHERE name >= ?1 AND substr(name, 1, length(?1)) = ?1 ORDER BY name',
  insertAccount: 'INSERT INTO account (name) VALUES (?) ON CONFLICT DO NOTHING',
  deleteAccount: 'DELETE FROM account WHERE number = ?',
  mailbox: `SELECT mailbox.number, account FROM mailbox JOIN account ON account.number = account
    WHERE account.name = ? AND mailbox.name = ?`,
  mailboxes: `SELECT mailbox.* FROM mailbox JOIN account ON account.number = account
    WHERE account.name = ? ORDER BY mailbox.name`,
  insertMailbox: 'INSERT INTO mailbox (account, name, uid_validity) VALUES (?, ?, ?) RETURNING number',
  nextUidValidity: 'UPDATE uid_validity SET last = max(last + 1, ?) RETURNING last',
  nextModSeq: `UPDATE account SET mod_seq = mod_seq + 1, messages = messages + 1, octets = octets + ?
    WHERE number = ? RETURNING mod_seq`,
  nextUid: `UPDATE mailbox SET uid_next = uid_next + 1, highest_mod_seq = ?, messages = messages + 1, octets = octets + ?
    WHERE number = ? RETURNING uid_next - 1 AS uid`,
  lessInAccount: `UPDATE account SET mod_seq = mod_seq + 1, messages = messages - 1, octets = octets - ?
    WHERE name = ? RETURNING mod_seq`,
  lessInMailbox: `UPDATE mailbox SET highest_mod_seq = ?, messages = messages - 1, octets = octets - ? WHERE number = ?`,
  insertMessage: `INSERT INTO message
    (mailbox, uid, mod_seq, octets, internal_date_ms, sender, trace, from_text, subject, trace_fields, blob)
    VALUES (:mailbox, :uid, :modSeq, :octets, :internalDateMs, :sender, :trace, :from, :subject, :traceFields, :blob)`,
  list: `SELECT ${MESSAGE_COLUMNS} FROM message WHERE mailbox = ? AND uid < ? ORDER BY uid DESC LIMIT ?`,
  message: `SELECT ${MESSAGE_COLUMNS}, trace_fields, blob FROM message WHERE mailbox = ? AND uid = ?`,
  deleteMessage: 'DELETE FROM message WHERE mailbox = ? AND uid = ? RETURNING octets, blob',
  blobsOfAccount: 'SELECT blob FROM message JOIN mailbox ON mailbox.number = mailbox WHERE account = ?',
  delivery: 'SELECT answer FROM delivery WHERE id = ?',
  insertDelivery: 'INSERT INTO delivery (id, at_ms, answer) VALUES (?, ?, ?)',
  forgetDeliveries: 'DELETE FROM delivery WHERE at_ms < ?',
  size: 'SELECT coalesce(sum(messages), 0) AS messages, coalesce(sum(octets), 0) AS octets FROM account',
} as const

function prepareAll(database: DatabaseSync): Record<keyof typeof SQL, StatementSync> {
  const prepared = Object.entries(SQL).map(([name, sql]) => [name, database.prepare(sql)])
  return Object.fromEntries(prepared) as Record<keyof typeof SQL, StatementSync> // as: the same keys
}
