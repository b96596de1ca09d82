// The mail store on SQLite and counted blobs: recipients of one message share its octets, deliveries share commits.
// What one transaction does is in tables.ts; here is the waiting, the reading and the errors.

import { type BlobError, BlobReadError } from '@scop/blobs'
import { blobIdOfRow, type CountedBlobs, type Files, openCountedBlobs } from '@scop/blobs/node'
import { err, ok, type Result } from '@scop/result'
import {
  type Delivered,
  type Delivery,
  MAIL_STORE_LIMITS,
  type MailboxFacts,
  type MailStore,
  type MailStoreLimits,
  type MessageFacts,
  MessageReadError,
  type StoreError,
} from '../mail-store.ts'
import type { MailboxName } from '../mailbox-name.ts'
import { SCHEMA } from './schema.ts'
import { type MessageRow, Tables } from './tables.ts'

export type OpenMailStoreOptions = {
  /** A directory of its own; made when absent. One process at a time. */
  readonly path: string
  readonly limits?: Partial<MailStoreLimits>
  /** Milliseconds since 1970. */
  readonly now?: () => number
  /** The disk; tests hand in one that fails. */
  readonly files?: Files
}

export async function openMailStore(options: OpenMailStoreOptions): Promise<Result<MailStore, StoreError>> {
  const limits = { ...MAIL_STORE_LIMITS, ...options.limits }
  const counted = await openCountedBlobs({
    path: options.path,
    schema: SCHEMA,
    limits: { blobOctets: limits.messageOctets },
    ...(options.files && { files: options.files }),
  })
  if (!counted.ok) return err(storeError(counted.error))
  const store = new SqliteMailStore(counted.value, limits, options.now ?? Date.now)
  const forgotten = await store.forgetDeliveries()
  if (forgotten.ok) return ok(store)
  await counted.value.close()
  return forgotten
}

class SqliteMailStore implements MailStore {
  readonly #counted: CountedBlobs
  readonly #tables: Tables
  readonly #limits: MailStoreLimits
  readonly #now: () => number
  #sinceForgotten = 0

  constructor(counted: CountedBlobs, limits: MailStoreLimits, now: () => number) {
    this.#counted = counted
    this.#tables = new Tables(counted)
    this.#limits = limits
    this.#now = now
  }

  async deliver(
    octets: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
    delivery: () => Delivery | Promise<Delivery>,
  ): Promise<Result<readonly Delivered[], StoreError>> {
    const held = await this.#counted.hold(octets)
    if (!held.ok) return err(storeError(held.error))
    try {
      const known = await delivery()
      const { traceFieldsOctets, recipients, quotaOctets } = this.#limits
      if (known.traceFields.length > traceFieldsOctets) return tooLarge('trace fields', traceFieldsOctets)
      if (known.recipients.length > recipients) return tooLarge('recipients', recipients)
      if (this.#sinceForgotten++ >= FORGET_EVERY) await this.forgetDeliveries()
      const atMs = this.#now()
      return await this.#transact(() => this.#tables.deliver(known, held.value, { atMs, quotaOctets }))
    } finally {
      held.value.release()
    }
  }

  async accounts(prefix = ''): Promise<Result<readonly string[], StoreError>> {
    return this.#look(() => ok(this.#tables.accounts(prefix)))
  }

  async mailboxes(account: string): Promise<Result<readonly MailboxFacts[], StoreError>> {
    return this.#look(() => ok(this.#tables.mailboxes(account)))
  }

  async list(
    account: string,
    mailbox: MailboxName,
    range: { readonly limit: number; readonly beforeUid?: number },
  ): Promise<Result<readonly MessageFacts[], StoreError>> {
    const limit = Math.min(range.limit, this.#limits.listMessages)
    return this.#look(() => this.#tables.list(account, mailbox, limit, range.beforeUid))
  }

  async read(
    account: string,
    mailbox: MailboxName,
    uid: number,
  ): Promise<Result<{ readonly facts: MessageFacts; readonly octets: AsyncIterable<Uint8Array> }, StoreError>> {
    const row = this.#look(() => this.#tables.message(account, mailbox, uid))
    if (!row.ok) return row
    return ok({ facts: row.value.facts, octets: this.#octets(row.value) })
  }

  delete(account: string, mailbox: MailboxName, uid: number): Promise<Result<boolean, StoreError>> {
    return this.#transact(() => ok(this.#tables.delete(account, mailbox, uid)))
  }

  removeAccount(account: string): Promise<Result<number, StoreError>> {
    return this.#transact(() => ok(this.#tables.removeAccount(account)))
  }

  size(): { readonly messages: number; readonly octets: number } {
    return this.#tables.size()
  }

  close(): Promise<void> {
    return this.#counted.close()
  }

  forgetDeliveries(): Promise<Result<undefined, StoreError>> {
    this.#sinceForgotten = 0
    const beforeMs = this.#now() - this.#limits.deliveryMemoryMs
    return this.#transact(() => {
      this.#tables.forgetDeliveries(beforeMs)
      return ok(undefined)
    })
  }

  async *#octets(row: MessageRow): AsyncGenerator<Uint8Array> {
    yield row.traceFields
    try {
      yield* this.#counted.read(blobIdOfRow(row.blob))
    } catch (error) {
      throw error instanceof BlobReadError ? new MessageReadError(storeError(error.reason)) : error
    }
  }

  async #transact<T>(work: () => Result<T, StoreError>): Promise<Result<T, StoreError>> {
    const answer = await this.#counted.transact(work)
    return answer.ok ? answer.value : err(storeError(answer.error))
  }

  #look<T>(work: () => Result<T, StoreError>): Result<T, StoreError> {
    const answer = this.#counted.look(work)
    return answer.ok ? answer.value : err(storeError(answer.error))
  }
}

function tooLarge(what: 'trace fields' | 'recipients', limit: number): Result<never, StoreError> {
  return err({ kind: 'too-large', what, limit })
}

function storeError(error: BlobError): StoreError {
  switch (error.kind) {
    case 'no-space':
    case 'too-many-open-files':
      return error
    case 'too-large':
      return { kind: 'too-large', what: 'message', limit: error.limitOctets }
    case 'absent':
    case 'damaged':
      return { kind: 'storage-failed', doing: `read blob ${error.id}: ${error.kind}` }
    case 'file-system':
      return { kind: 'storage-failed', doing: `${error.doing}: ${error.code}` }
  }
}

const FORGET_EVERY = 10_000 // deliveries
