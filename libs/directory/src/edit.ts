// Edits: what a change may do to a state, checked against that state, and the files that this writes.

import { type DomainName, formatMailbox, type Mailbox } from '@scop/identifiers'
import { err, ok, type Result } from '@scop/result'
import { type AccountName, type Address, addressOf, domainOf } from './address.ts'
import type { Limits } from './limits.ts'
import {
  type Account,
  type Alias,
  accountPath,
  aliasPath,
  type Credentials,
  domainPath,
  formatRecord,
} from './record.ts'
import { findAddress, isOlder, type Snapshot } from './snapshot.ts'

/** With `C` = string a password, as a caller gives it; with `C` = `Credentials` what is kept of it. */
export type Edit<C = string> =
  | { readonly kind: 'add-domain'; readonly domain: DomainName }
  /** Refused while anything is in it. */
  | { readonly kind: 'remove-domain'; readonly domain: DomainName }
  | { readonly kind: 'add-account'; readonly account: AccountName; readonly password: C }
  | { readonly kind: 'set-password'; readonly account: AccountName; readonly password: C }
  /** Refused while an alias leads to it. */
  | { readonly kind: 'remove-account'; readonly account: AccountName }
  /** Targets of ours must exist. */
  | { readonly kind: 'add-alias'; readonly alias: Address; readonly targets: readonly Mailbox[] }
  /** Refused while another alias leads to it. */
  | { readonly kind: 'remove-alias'; readonly alias: Address }

export type EditError =
  | { readonly kind: 'no-such-domain'; readonly domain: DomainName }
  | { readonly kind: 'no-such-account'; readonly account: AccountName }
  | { readonly kind: 'no-such-alias'; readonly alias: Address }
  | { readonly kind: 'no-such-target'; readonly target: string }
  | { readonly kind: 'no-targets' }
  | { readonly kind: 'too-many-targets'; readonly targets: number; readonly limit: number }
  | { readonly kind: 'exists'; readonly name: string }
  /** What stands in the way of a removal: the first few names. */
  | { readonly kind: 'in-use'; readonly by: readonly string[] }

/** `undefined` removes the file. */
export type FileWrites = ReadonlyMap<string, Uint8Array | undefined>

export type Edited = { readonly writes: FileWrites; readonly summary: readonly string[] }

/** All edits in order, or none. */
export function applyEdits(
  snapshot: Snapshot,
  edits: readonly Edit<Credentials>[],
  nowMs: number,
  limits: Limits,
): Result<Edited, EditError> {
  const writes = new Map<string, Uint8Array | undefined>()
  const state: State = {
    domains: new Set(snapshot.domains),
    accounts: new Map(snapshot.accounts),
    aliases: new Map(snapshot.aliases),
    firstAccounts: new Map(snapshot.firstAccounts),
  }
  for (const edit of edits) {
    const write = apply(state, edit, nowMs, limits)
    if (!write.ok) return write
    writes.set(write.value.path, write.value.octets)
  }
  return ok({ writes, summary: edits.map(describe) })
}

/** A copy of a snapshot, changed edit by edit; thrown away when one is refused. */
type State = {
  readonly domains: Set<DomainName>
  readonly accounts: Map<AccountName, Account>
  readonly aliases: Map<Address, Alias>
  readonly firstAccounts: Map<DomainName, AccountName>
}

type FileWrite = { readonly path: string; readonly octets: Uint8Array | undefined }

function apply(
  state: State,
  edit: Edit<Credentials>,
  createdAtMs: number,
  limits: Limits,
): Result<FileWrite, EditError> {
  const { domains, accounts, aliases } = state
  switch (edit.kind) {
    case 'add-domain': {
      if (domains.has(edit.domain)) return err({ kind: 'exists', name: edit.domain })
      domains.add(edit.domain)
      const octets = formatRecord({ kind: 'domain', domain: edit.domain })
      return ok({ path: domainPath(edit.domain), octets })
    }
    case 'remove-domain': {
      if (!domains.has(edit.domain)) return err({ kind: 'no-such-domain', domain: edit.domain })
      const by = usersOfDomain(state, edit.domain)
      if (by.length > 0) return err({ kind: 'in-use', by })
      domains.delete(edit.domain)
      return ok({ path: domainPath(edit.domain), octets: undefined })
    }
    case 'add-account': {
      const refused = refuseName(state, edit.account)
      if (refused !== undefined) return refused
      const account = { account: edit.account, createdAtMs, credentials: edit.password }
      accounts.set(edit.account, account)
      const first = accounts.get(state.firstAccounts.get(domainOf(edit.account)) ?? edit.account)
      if (first === undefined || first === account || isOlder(account, first)) {
        state.firstAccounts.set(domainOf(edit.account), edit.account)
      }
      return ok({ path: accountPath(edit.account), octets: formatRecord({ kind: 'account', ...account }) })
    }
    case 'set-password': {
      const old = accounts.get(edit.account)
      if (old === undefined) return err({ kind: 'no-such-account', account: edit.account })
      const account = { ...old, credentials: edit.password }
      accounts.set(edit.account, account)
      return ok({ path: accountPath(edit.account), octets: formatRecord({ ...account, kind: 'account' }) })
    }
    case 'remove-account': {
      if (!accounts.has(edit.account)) return err({ kind: 'no-such-account', account: edit.account })
      const by = cutOff(state, () => {
        accounts.delete(edit.account)
        setFirstAccount(state, domainOf(edit.account))
      })
      if (by.length > 0) return err({ kind: 'in-use', by })
      return ok({ path: accountPath(edit.account), octets: undefined })
    }
    case 'add-alias': {
      const { alias, targets } = edit
      const refused = refuseName(state, alias) ?? refuseTargets(state, targets, limits)
      if (refused !== undefined) return refused
      aliases.set(alias, { alias, targets })
      return ok({ path: aliasPath(alias), octets: formatRecord({ kind: 'alias', alias, targets }) })
    }
    case 'remove-alias': {
      if (!aliases.has(edit.alias)) return err({ kind: 'no-such-alias', alias: edit.alias })
      const by = cutOff(state, () => aliases.delete(edit.alias))
      if (by.length > 0) return err({ kind: 'in-use', by })
      return ok({ path: aliasPath(edit.alias), octets: undefined })
    }
  }
}

function describe(edit: Edit<Credentials>): string {
  switch (edit.kind) {
    case 'add-domain':
    case 'remove-domain':
      return `${edit.kind} ${edit.domain}`
    case 'add-account':
    case 'set-password':
    case 'remove-account':
      return `${edit.kind} ${edit.account}`
    case 'add-alias':
      return `${edit.kind} ${edit.alias} for ${edit.targets.map(formatMailbox).join(', ')}`
    case 'remove-alias':
      return `${edit.kind} ${edit.alias}`
  }
}

function refuseName({ domains, accounts, aliases }: State, address: Address): Result<never, EditError> | undefined {
  const domain = domainOf(address)
  if (!domains.has(domain)) return err({ kind: 'no-such-domain', domain })
  return accounts.has(address) || aliases.has(address) ? err({ kind: 'exists', name: address }) : undefined
}

// The alias itself is not there yet, so it cannot be its own target: no loop can be made.
function refuseTargets(
  state: State,
  targets: readonly Mailbox[],
  limits: Limits,
): Result<never, EditError> | undefined {
  if (targets.length === 0) return err({ kind: 'no-targets' })
  if (targets.length > limits.aliasTargets) {
    return err({ kind: 'too-many-targets', targets: targets.length, limit: limits.aliasTargets })
  }
  const lost = targets.find((target) => !leadsSomewhere(state, target))
  return lost === undefined ? undefined : err({ kind: 'no-such-target', target: formatMailbox(lost) })
}

function setFirstAccount({ accounts, firstAccounts }: State, domain: DomainName): void {
  let first: Account | undefined
  for (const account of accounts.values()) {
    if (domainOf(account.account) === domain && (first === undefined || isOlder(account, first))) first = account
  }
  if (first === undefined) firstAccounts.delete(domain)
  else firstAccounts.set(domain, first.account)
}

function leadsSomewhere(state: State, target: Mailbox): boolean {
  if (typeof target.domain !== 'string' || !state.domains.has(target.domain)) return true
  const address = addressOf(target)
  return address.ok && findAddress(state, address.value) !== undefined
}

/** Aliases with a target that leads somewhere before `removal` and nowhere after. */
function cutOff(state: State, removal: () => void): readonly string[] {
  const led: (readonly [Address, Mailbox])[] = []
  for (const { alias, targets } of state.aliases.values()) {
    for (const target of targets) if (leadsSomewhere(state, target)) led.push([alias, target])
  }
  removal()
  const cut = led.filter(([alias, target]) => state.aliases.has(alias) && !leadsSomewhere(state, target))
  return [...new Set(cut.map(([alias]) => alias))].slice(0, NAMES_SHOWN)
}

function usersOfDomain({ accounts, aliases }: State, domain: DomainName): readonly string[] {
  const users = [...accounts.keys()].filter((account) => domainOf(account) === domain)
  for (const { alias, targets } of aliases.values()) {
    if (domainOf(alias) === domain || targets.some((target) => target.domain === domain)) users.push(alias)
  }
  return users.slice(0, NAMES_SHOWN)
}

const NAMES_SHOWN = 10
