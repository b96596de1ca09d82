// The durable queue: what was accepted stays here, with what is known of each recipient, until every recipient
// has been delivered or reported. An entry is one message; its octets are a blob
// that commits with the entry, the fields above them a column.

import { randomBytes } from 'node:crypto'
import type { SQLOutputValue } from 'node:sqlite'
import type { BlobError, BlobId } from '@scop/blobs'
import { blobIdOfRow, openCountedBlobs } from '@scop/blobs/node'
import { type Envelope, formatEnvelope, parseEnvelope } from '@scop/bottle'
import { formatMailbox, type Mailbox } from '@scop/identifiers'
import { expectOk, ok, type Result } from '@scop/result'

export type QueueId = string

export type QueuedRecipient = {
  readonly position: number
  readonly mailbox: Mailbox
  readonly state: RecipientState
  readonly attempts: number
  readonly nextAttemptAtMs: number
  readonly lastReply: string | undefined
  readonly remote: string | undefined
}
export type RecipientState = 'waiting' | 'delivered' | 'failed'

export type QueueEntry = {
  readonly id: QueueId
  readonly envelope: Envelope
  /** Header fields that stand above the octets. */
  readonly above: Uint8Array
  readonly blob: BlobId
  /** Of `above` and the blob together. */
  readonly octets: number
  readonly enqueuedAtMs: number
  readonly expiresAtMs: number
  readonly delayNoticed: boolean
  readonly recipients: readonly QueuedRecipient[]
}

/** What an attempt has found for one recipient. */
export type Outcome = {
  readonly position: number
  readonly state: RecipientState
  readonly nextAttemptAtMs: number
  readonly reply: string
  readonly remote: string | undefined
}

export type QueueError = BlobError

export type Queue = {
  /** Resolves when the message is on disk, and not before. `above` is asked for when the octets have all come. */
  enqueue(message: {
    readonly envelope: Envelope
    readonly octets: AsyncIterable<Uint8Array>
    readonly above: () => Promise<Uint8Array>
    readonly nowMs: number
    readonly expiresAtMs: number
  }): Promise<Result<QueueEntry, QueueError>>
  /** Records an attempt; answers the entry as it is now, or `undefined` when it was dropped meanwhile. */
  record(id: QueueId, outcomes: readonly Outcome[]): Promise<Result<QueueEntry | undefined, QueueError>>
  noticeDelay(id: QueueId): Promise<Result<void, QueueError>>
  /** Forgets the entry. */
  remove(id: QueueId): Promise<Result<boolean, QueueError>>
  /** Makes all recipients that wait due at `nowMs`; of one entry or of all. Answers how many entries. */
  hasten(id: QueueId | undefined, nowMs: number): Promise<Result<number, QueueError>>
  find(id: QueueId): QueueEntry | undefined
  /** Entries with a recipient due at `nowMs`, longest due first. */
  due(nowMs: number, limit: number): readonly QueueEntry[]
  /** When the next recipient is due. */
  nextDueMs(): number | undefined
  list(limit: number): readonly QueueEntry[]
  size(): number
  octetsOf(entry: QueueEntry): AsyncIterable<Uint8Array>
  close(): Promise<void>
}

export async function openQueue(directory: string, limits: { readonly messageOctets: number }): Promise<Queue> {
  const counted = expectOk(
    await openCountedBlobs({
      path: directory,
      schema: SCHEMA,
      limits: { blobOctets: limits.messageOctets + ROOM_FOR_TRACE },
    }),
    'open the queue',
  )
  const { database } = counted
  const sql = {
    insertMessage: database.prepare(
      'INSERT INTO message (id, envelope, above, blob, octets, enqueued_at, expires_at) VALUES (?, ?, ?, ?, ?, ?, ?)',
    ),
    insertRecipient: database.prepare('INSERT INTO recipient (message, position, next_attempt_at) VALUES (?, ?, ?)'),
    update: database.prepare(
      `UPDATE recipient SET state = ?, attempts = attempts + 1, next_attempt_at = ?, last_reply = ?, remote = ?
       WHERE message = ? AND position = ? AND state = 'waiting'`,
    ),
    noticed: database.prepare('UPDATE message SET delay_noticed = 1 WHERE id = ?'),
    remove: database.prepare('DELETE FROM message WHERE id = ? RETURNING blob'),
    hastenOne: database.prepare("UPDATE recipient SET next_attempt_at = ? WHERE message = ? AND state = 'waiting'"),
    hastenAll: database.prepare("UPDATE recipient SET next_attempt_at = ? WHERE state = 'waiting'"),
    message: database.prepare('SELECT * FROM message WHERE id = ?'),
    recipients: database.prepare('SELECT * FROM recipient WHERE message = ? ORDER BY position'),
    due: database.prepare(
      `SELECT message FROM recipient WHERE state = 'waiting' AND next_attempt_at <= ?
       GROUP BY message ORDER BY min(next_attempt_at) LIMIT ?`,
    ),
    nextDue: database.prepare("SELECT min(next_attempt_at) AS at FROM recipient WHERE state = 'waiting'"),
    list: database.prepare('SELECT id FROM message ORDER BY enqueued_at LIMIT ?'),
    count: database.prepare('SELECT count(*) AS n FROM message'),
  }

  const find = (id: QueueId): QueueEntry | undefined => {
    const row = sql.message.get(id)
    return row === undefined ? undefined : readEntry(row, sql.recipients.all(id))
  }
  return {
    enqueue: async ({ envelope, octets, above, nowMs, expiresAtMs }) => {
      const held = await counted.hold(octets)
      if (!held.ok) return held
      const { id: blob, octets: length, keep, release } = held.value
      try {
        const fields = await above()
        const id = randomBytes(10).toString('hex')
        const total = fields.length + length
        const committed = await counted.transact(() => {
          sql.insertMessage.run(id, JSON.stringify(formatEnvelope(envelope)), fields, blob, total, nowMs, expiresAtMs)
          for (const position of envelope.recipients.keys()) sql.insertRecipient.run(id, position, nowMs)
          keep()
        })
        if (!committed.ok) return committed
        const waiting = {
          state: 'waiting',
          attempts: 0,
          nextAttemptAtMs: nowMs,
          lastReply: undefined,
          remote: undefined,
        } as const
        const recipients = envelope.recipients.map((mailbox, position) => ({ position, mailbox, ...waiting }))
        return ok({
          id,
          envelope,
          above: fields,
          blob,
          octets: total,
          enqueuedAtMs: nowMs,
          expiresAtMs,
          delayNoticed: false,
          recipients,
        })
      } finally {
        release()
      }
    },
    record: (id, outcomes) =>
      counted.transact(() => {
        for (const { position, state, nextAttemptAtMs, reply, remote } of outcomes) {
          sql.update.run(state, nextAttemptAtMs, reply, remote ?? null, id, position)
        }
        return find(id)
      }),
    noticeDelay: (id) => counted.transact(() => void sql.noticed.run(id)),
    remove: (id) =>
      counted.transact(() => {
        const row = sql.remove.get(id)
        if (row === undefined) return false
        counted.drop(blobIdOfRow(row['blob']))
        return true
      }),
    hasten: (id, nowMs) =>
      counted.transact(() => {
        if (id !== undefined) return sql.hastenOne.run(nowMs, id).changes > 0 ? 1 : 0
        sql.hastenAll.run(nowMs)
        return Number(sql.count.get()?.['n'] ?? 0)
      }),
    find,
    due: (nowMs, limit) => sql.due.all(nowMs, limit).flatMap((row) => find(String(row['message'])) ?? []),
    nextDueMs: () => {
      const at = sql.nextDue.get()?.['at']
      return typeof at === 'number' ? at : undefined
    },
    list: (limit) => sql.list.all(limit).flatMap((row) => find(String(row['id'])) ?? []),
    size: () => Number(sql.count.get()?.['n'] ?? 0),
    octetsOf: (entry) => counted.read(entry.blob),
    close: () => counted.close(),
  }
}

type Row = Record<string, SQLOutputValue>

function readEntry(row: Row, recipients: readonly Row[]): QueueEntry {
  const envelope = expectOk(parseEnvelope(JSON.parse(String(row['envelope']))), 'read back an envelope of the queue')
  return {
    id: String(row['id']),
    envelope,
    above: row['above'] as Uint8Array, // as: the column is a blob, NOT NULL
    blob: String(row['blob']) as BlobId, // as: written by this queue from a BlobId
    octets: Number(row['octets']),
    enqueuedAtMs: Number(row['enqueued_at']),
    expiresAtMs: Number(row['expires_at']),
    delayNoticed: row['delay_noticed'] === 1,
    recipients: recipients.map((recipient) => {
      const position = Number(recipient['position'])
      const mailbox = envelope.recipients[position]
      if (mailbox === undefined)
        throw new Error(`Cannot read back the queue: no recipient ${position} of ${String(row['id'])}`)
      return {
        position,
        mailbox,
        state: String(recipient['state']) as RecipientState, // as: the column's CHECK allows these only
        attempts: Number(recipient['attempts']),
        nextAttemptAtMs: Number(recipient['next_attempt_at']),
        lastReply: text(recipient['last_reply']),
        remote: text(recipient['remote']),
      }
    }),
  }
}

const text = (value: SQLOutputValue | undefined): string | undefined => (typeof value === 'string' ? value : undefined)

export function describeQueueError(error: QueueError): string {
  return 'doing' in error ? `${error.kind}: ${error.doing}: ${error.code}` : error.kind
}

export const queueFull = (error: QueueError): boolean =>
  error.kind === 'no-space' || error.kind === 'too-many-open-files'

/** For people: `bob@two.example`. */
export const recipientText = ({ mailbox }: QueuedRecipient): string => formatMailbox(mailbox)

const ROOM_FOR_TRACE = 1024 * 1024 // what our own services have put into the octets
const SCHEMA = `
CREATE TABLE IF NOT EXISTS message (
  id TEXT PRIMARY KEY,
  envelope TEXT NOT NULL,
  above BLOB NOT NULL,
  blob TEXT NOT NULL,
  octets INTEGER NOT NULL,
  enqueued_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  delay_noticed INTEGER NOT NULL DEFAULT 0
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS message_enqueued ON message (enqueued_at);
CREATE TABLE IF NOT EXISTS recipient (
  message TEXT NOT NULL REFERENCES message (id) ON DELETE CASCADE,
  position INTEGER NOT NULL,
  state TEXT NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'delivered', 'failed')),
  attempts INTEGER NOT NULL DEFAULT 0,
  next_attempt_at INTEGER NOT NULL,
  last_reply TEXT,
  remote TEXT,
  PRIMARY KEY (message, position)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS recipient_due ON recipient (next_attempt_at) WHERE state = 'waiting';
`
