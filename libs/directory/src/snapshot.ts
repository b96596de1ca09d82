// One state of the directory, read whole: who is here, whom an address reaches, whom an account may write as.
// RFC 5321 §4.5.1 (postmaster), RFC 5233 (subaddress), RFC 5321 §3.9 (aliases)

import type { DomainName, Mailbox } from '@scop/identifiers'
import { err, ok, type Result } from '@scop/result'
import { type AccountName, type Address, addressOf, domainOf, isPostmaster, withoutSubaddress } from './address.ts'
import type { Account, Alias, DirectoryRecord } from './record.ts'

export type Snapshot = {
  readonly domains: ReadonlySet<DomainName>
  readonly accounts: ReadonlyMap<AccountName, Account>
  readonly aliases: ReadonlyMap<Address, Alias>
  /** The oldest account of each domain that has one: its postmaster unless an account or alias of that name exists. */
  readonly firstAccounts: ReadonlyMap<DomainName, AccountName>
  /** 32 octets. */
  readonly fakeSaltSecret: Uint8Array
}

export type SnapshotError =
  | { readonly kind: 'no-directory-record' }
  /** An account or alias whose domain is not there. */
  | { readonly kind: 'no-such-domain'; readonly address: Address }
  /** An account and an alias of the same name. */
  | { readonly kind: 'two-meanings'; readonly address: Address }

export function buildSnapshot(records: Iterable<DirectoryRecord>): Result<Snapshot, SnapshotError> {
  const domains = new Set<DomainName>()
  const accounts = new Map<AccountName, Account>()
  const aliases = new Map<Address, Alias>()
  let fakeSaltSecret: Uint8Array | undefined
  for (const record of records) {
    if (record.kind === 'directory') fakeSaltSecret = record.fakeSaltSecret
    else if (record.kind === 'domain') domains.add(record.domain)
    else if (record.kind === 'account') accounts.set(record.account, record)
    else aliases.set(record.alias, record)
  }
  if (fakeSaltSecret === undefined) return err({ kind: 'no-directory-record' })
  const firstAccounts = new Map<DomainName, AccountName>()
  for (const account of accounts.values()) {
    const domain = domainOf(account.account)
    if (!domains.has(domain)) return err({ kind: 'no-such-domain', address: account.account })
    const first = accounts.get(firstAccounts.get(domain) ?? account.account)
    if (first === undefined || first === account || isOlder(account, first)) firstAccounts.set(domain, account.account)
  }
  for (const address of aliases.keys()) {
    if (!domains.has(domainOf(address))) return err({ kind: 'no-such-domain', address })
    if (accounts.has(address)) return err({ kind: 'two-meanings', address })
  }
  return ok({ domains, accounts, aliases, firstAccounts, fakeSaltSecret })
}

export type Resolution =
  /** Ours; it reaches these accounts, and these mailboxes elsewhere. Never both empty, nothing twice. */
  | { readonly kind: 'ours'; readonly accounts: readonly AccountName[]; readonly forwards: readonly Mailbox[] }
  /** The domain is ours and nobody is there. */
  | { readonly kind: 'unknown' }
  | { readonly kind: 'not-ours' }

/** Follows aliases to their ends, each once: a loop ends where it began. */
export function resolveMailbox(snapshot: Snapshot, mailbox: Mailbox): Resolution {
  if (!isOurs(snapshot, mailbox)) return { kind: 'not-ours' }
  const accounts = new Set<AccountName>()
  const forwards = new Map<string, Mailbox>()
  const seen = new Set<Alias>()
  const waiting = [mailbox]
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (!isOurs(snapshot, next)) {
      forwards.set(`${next.localPart}@${typeof next.domain === 'string' ? next.domain : next.domain.address}`, next)
      continue
    }
    const address = addressOf(next)
    const found = address.ok ? findAddress(snapshot, address.value) : undefined
    if (found === undefined) continue
    if (found.kind === 'account') accounts.add(found.account)
    else if (!seen.has(found.alias)) {
      seen.add(found.alias)
      waiting.push(...found.alias.targets.toReversed())
    }
  }
  if (accounts.size === 0 && forwards.size === 0) return { kind: 'unknown' }
  return { kind: 'ours', accounts: [...accounts], forwards: [...forwards.values()] }
}

/** Whether mail from this mailbox may be the account's: its own address, a subaddress of it, or an alias that reaches it. */
export function ownsMailbox(snapshot: Snapshot, account: AccountName, mailbox: Mailbox): boolean {
  const resolution = resolveMailbox(snapshot, mailbox)
  return resolution.kind === 'ours' && resolution.accounts.includes(account)
}

export type Found =
  | { readonly kind: 'account'; readonly account: AccountName }
  | { readonly kind: 'alias'; readonly alias: Alias }

/** What an address of ours names itself: as it is, without its subaddress, or as postmaster. */
export function findAddress(
  snapshot: Pick<Snapshot, 'accounts' | 'aliases' | 'firstAccounts'>,
  address: Address,
): Found | undefined {
  for (const one of [address, withoutSubaddress(address)]) {
    if (one === undefined) continue
    if (snapshot.accounts.has(one)) return { kind: 'account', account: one }
    const alias = snapshot.aliases.get(one)
    if (alias !== undefined) return { kind: 'alias', alias }
    if (!isPostmaster(one)) continue
    const account = snapshot.firstAccounts.get(domainOf(one)) ?? oldestOf(snapshot)
    if (account !== undefined) return { kind: 'account', account }
  }
  return undefined
}

/** For a domain without accounts of its own. */
function oldestOf({ accounts, firstAccounts }: Pick<Snapshot, 'accounts' | 'firstAccounts'>): AccountName | undefined {
  let oldest: Account | undefined
  for (const name of firstAccounts.values()) {
    const account = accounts.get(name)
    if (account !== undefined && (oldest === undefined || isOlder(account, oldest))) oldest = account
  }
  return oldest?.account
}

function isOurs(snapshot: Snapshot, { domain }: Mailbox): boolean {
  return typeof domain === 'string' && snapshot.domains.has(domain)
}

/** Ties go by name, so that every reader picks the same. */
export function isOlder(a: Account, b: Account): boolean {
  return a.createdAtMs < b.createdAtMs || (a.createdAtMs === b.createdAtMs && a.account < b.account)
}
