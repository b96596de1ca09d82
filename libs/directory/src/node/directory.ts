// The directory: a snapshot in memory for every question, a commit for every change, passwords checked off the main
// thread and a few at a time. A commit that somebody pushed is seen by the next question.

import { createDurableFiles, openBranch } from '@scop/git-repository/node'
import type { DomainName, Mailbox } from '@scop/identifiers'
import { err, ok, type Result } from '@scop/result'
import { type Authenticator, preparePassword, type Refusal } from '@scop/sasl'
import { type AccountName, parseAddress } from '../address.ts'
import { type Because, type BecauseError, parseBecause } from '../author.ts'
import { checkPassword, checkScramProof, makeCredentials, saltName, scramParametersOf } from '../credentials.ts'
import { applyEdits, type Edit, type EditError } from '../edit.ts'
import { DEFAULT_LIMITS, type Limits } from '../limits.ts'
import { createPasswordGate } from '../password-gate.ts'
import { type Account, type Alias, type Credentials, formatRecord } from '../record.ts'
import {
  buildSnapshot,
  ownsMailbox,
  type Resolution,
  resolveMailbox,
  type Snapshot,
  type SnapshotError,
} from '../snapshot.ts'
import { type Change, type FileProblem, type NewCommit, openDirectoryFiles } from './directory-files.ts'

export type Directory = Authenticator & {
  /** The state that the branch is at now. */
  snapshot(): Promise<Snapshot>
  domains(): Promise<readonly DomainName[]>
  /** By name. */
  accounts(): Promise<readonly Account[]>
  aliases(): Promise<readonly Alias[]>
  resolve(mailbox: Mailbox): Promise<Resolution>
  owns(account: AccountName, mailbox: Mailbox): Promise<boolean>
  /** All edits as one commit, durable when it answers. Changes wait for each other. */
  change(because: Because, edits: readonly Edit[]): Promise<Result<Committed, ChangeError>>
  /** Latest first. */
  history(limit: number): Promise<readonly Change[]>
  /** Makes everything, passwords too, what it was at `commit` (7 hex digits or more): as a commit of its own. */
  restore(commit: string, because: Because): Promise<Result<Committed, ChangeError>>
  /** Why the commit that the branch is at cannot be used; the last good one is answered from. */
  problem(): Problem | undefined
  /** The state that was read last, without a look at the branch: for figures. */
  latest(): Snapshot
  /** Password checks under way and waiting. */
  passwordLoad(): number
}

export type Committed = { readonly commit: string }

export type Problem = { readonly commit: string } & (
  | ({ readonly kind: 'bad-file' } & FileProblem)
  | { readonly kind: 'inconsistent'; readonly error: SnapshotError }
)

export type ChangeError =
  | BecauseError
  | EditError
  | { readonly kind: 'no-edits' }
  | { readonly kind: 'too-many-edits'; readonly edits: number; readonly limit: number }
  | { readonly kind: 'bad-password'; readonly account: AccountName }
  | { readonly kind: 'no-such-commit'; readonly commit: string }
  /** The branch is at a commit that cannot be read, pushed by somebody: `restore` an earlier one, or push a repair. */
  | { readonly kind: 'unreadable'; readonly problem: Problem }
  /** Too many password computations. */
  | { readonly kind: 'busy' }
  /** Others changed the repository each time. */
  | { readonly kind: 'contended'; readonly attempts: number }
  /** The disk; nothing was changed. */
  | { readonly kind: 'storage-failure'; readonly reason: string }

export type OpenError =
  | { readonly kind: 'unreadable'; readonly problem: Problem }
  | { readonly kind: 'storage-failure'; readonly reason: string }

export type DirectoryOptions = {
  /** The bare repository; made if it is not there. */
  readonly path: string
  /** Milliseconds since 1970. */
  readonly now: () => number
  readonly randomOctets: (count: number) => Uint8Array
  readonly limits?: Partial<Limits>
  /** Called when the branch comes to a commit that cannot be used, and with `undefined` when that is over. */
  readonly onProblem?: (problem: Problem | undefined) => void
}

export async function openDirectory(options: DirectoryOptions): Promise<Result<Directory, OpenError>> {
  const { path, now, randomOctets } = options
  const limits: Limits = { ...DEFAULT_LIMITS, ...options.limits }
  try {
    const fs = createDurableFiles(randomOctets)
    const repository = await openDirectoryFiles(path, fs, limits)
    const branch = openBranch(path, fs, limits)
    const gate = createPasswordGate(limits.passwordChecks, limits.passwordChecksWaiting)

    if ((await branch.read()) === undefined) {
      const writes = new Map([
        ['directory.json', formatRecord({ kind: 'directory', fakeSaltSecret: randomOctets(32) })],
      ])
      const because = { author: 'directory', reason: 'create the directory' }
      const content = { writes }
      const first = await repository.commit({ parent: undefined, content, because, summary: [], atMs: now() })
      await branch.advance(undefined, first) // or another process was first, which is as good
    }

    const load = async (commit: string): Promise<Result<Snapshot, Problem>> => {
      const records = await repository.records(commit)
      if (!records.ok) return err({ kind: 'bad-file', commit, ...records.error })
      const snapshot = buildSnapshot(records.value)
      return snapshot.ok ? snapshot : err({ kind: 'inconsistent', commit, error: snapshot.error })
    }
    const headCommit = async (): Promise<string> => {
      const head = await branch.read()
      if (head === undefined) throw new Error(`Cannot read ${path}: its branch main is gone`)
      return head
    }

    let marker = branch.marker()
    let commit = await headCommit()
    const opened = await load(commit)
    if (!opened.ok) return err({ kind: 'unreadable', problem: opened.error })
    let snapshot = opened.value
    let problem: Problem | undefined
    let reloading: Promise<void> | undefined

    const reload = async (): Promise<void> => {
      const seen = branch.marker() // before the branch is read: what moves meanwhile is seen next time
      const head = await headCommit()
      if (head !== commit) {
        const loaded = await load(head)
        if (loaded.ok) snapshot = loaded.value
        const had = problem
        problem = loaded.ok ? undefined : loaded.error
        commit = head
        if (had !== problem) options.onProblem?.(problem)
      }
      marker = seen
    }
    const refresh = async (): Promise<void> => {
      while (branch.marker() !== marker) {
        reloading ??= reload().finally(() => {
          reloading = undefined
        })
        await reloading
      }
    }
    const current = async (): Promise<Snapshot> => {
      await refresh()
      return snapshot
    }
    const find = async (username: string): Promise<{ account: Account | undefined; name: string; state: Snapshot }> => {
      const state = await current()
      const address = parseAddress(username)
      const account = address.ok ? state.accounts.get(address.value) : undefined
      return { account, name: saltName(username, address.ok ? address.value : undefined), state }
    }

    let last: Promise<unknown> = Promise.resolve()
    const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
      const mine = last.then(work)
      last = mine.catch(() => undefined)
      return mine
    }

    type Plan = Omit<NewCommit, 'parent' | 'because' | 'atMs'>
    /** Tries until the branch moved from the very commit that the plan was made on. */
    const commitPlan = (
      because: Because,
      plan: () => Promise<Result<Plan, ChangeError>>,
    ): Promise<Result<Committed, ChangeError>> =>
      inTurn(() =>
        storageFailures(async () => {
          for (let attempt = 0; attempt < limits.attempts; attempt++) {
            await refresh()
            const parent = commit
            const planned = await plan()
            if (!planned.ok) return planned
            const made = await repository.commit({ ...planned.value, parent, because, atMs: now() })
            if ((await branch.advance(parent, made)) === 'moved') continue
            await refresh()
            return ok({ commit: made })
          }
          return err({ kind: 'contended', attempts: limits.attempts })
        }),
      )

    const keepPasswords = async (
      edits: readonly Edit[],
    ): Promise<Result<readonly Edit<Credentials>[], ChangeError>> => {
      const kept: Edit<Credentials>[] = []
      for (const edit of edits) {
        if (!('password' in edit)) {
          kept.push(edit)
          continue
        }
        const password = preparePassword(edit.password)
        if (!password.ok) return err({ kind: 'bad-password', account: edit.account })
        const made = await gate.run(() => makeCredentials(password.value, randomOctets(32), limits))
        if (!made.ok) return made
        kept.push({ ...edit, password: made.value })
      }
      return ok(kept)
    }

    return ok({
      snapshot: current,
      domains: async () => [...(await current()).domains].toSorted(),
      accounts: async () => byName((await current()).accounts),
      aliases: async () => byName((await current()).aliases),
      resolve: async (mailbox) => resolveMailbox(await current(), mailbox),
      owns: async (account, mailbox) => ownsMailbox(await current(), account, mailbox),
      change: async (because, edits) => {
        const valid = parseBecause(because, limits)
        if (!valid.ok) return valid
        if (edits.length === 0) return err({ kind: 'no-edits' })
        if (edits.length > limits.editsPerChange) {
          return err({ kind: 'too-many-edits', edits: edits.length, limit: limits.editsPerChange })
        }
        const kept = await keepPasswords(edits)
        if (!kept.ok) return kept
        return commitPlan(valid.value, async () => {
          if (problem !== undefined) return err({ kind: 'unreadable', problem })
          const edited = applyEdits(snapshot, kept.value, now(), limits)
          if (!edited.ok) return edited
          return ok({ content: { writes: edited.value.writes }, summary: edited.value.summary })
        })
      },
      restore: async (id, because) => {
        const valid = parseBecause(because, limits)
        if (!valid.ok) return valid
        return commitPlan(valid.value, async () => {
          const found = await repository.findAncestor(commit, id)
          if (found === undefined) return err({ kind: 'no-such-commit', commit: id })
          const loaded = await load(found)
          if (!loaded.ok) return err({ kind: 'unreadable', problem: loaded.error })
          return ok({ content: { sameAs: found }, summary: [`restore ${found}`] })
        })
      },
      history: async (limit) => repository.history(await headCommit(), Math.min(limit, limits.historyEntries)),
      problem: () => problem,
      latest: () => snapshot,
      passwordLoad: () => gate.load,
      verifyPassword: (username, password) =>
        temporaryFailures(async () => {
          const { account } = await find(username)
          const prepared = preparePassword(password)
          const checked = await gate.run(() => checkPassword(account, prepared.ok ? prepared.value : '', limits))
          if (!checked.ok) return err({ kind: 'temporary-failure' })
          return checked.value && account ? ok(account.account) : err({ kind: 'invalid-credentials' })
        }),
      scramParameters: (username) =>
        temporaryFailures(async () => {
          const { account, name, state } = await find(username)
          return ok(scramParametersOf(account, name, state.fakeSaltSecret, limits))
        }),
      verifyScram: (username, authMessage, clientProof) =>
        temporaryFailures(async () => {
          const { account } = await find(username)
          const serverSignature = checkScramProof(account, authMessage, clientProof)
          if (account === undefined || serverSignature === undefined) return err({ kind: 'invalid-credentials' })
          return ok({ identity: account.account, serverSignature })
        }),
    })
  } catch (error) {
    return err({ kind: 'storage-failure', reason: reasonOf(error) })
  }
}

function byName<T>(map: ReadonlyMap<string, T>): readonly T[] {
  return [...map].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, value]) => value)
}

async function storageFailures<T>(work: () => Promise<Result<T, ChangeError>>): Promise<Result<T, ChangeError>> {
  try {
    return await work()
  } catch (error) {
    return err({ kind: 'storage-failure', reason: reasonOf(error) })
  }
}

async function temporaryFailures<T>(work: () => Promise<Result<T, Refusal>>): Promise<Result<T, Refusal>> {
  try {
    return await work()
  } catch (error) {
    if (isOurMistake(error)) throw error
    return err({ kind: 'temporary-failure' })
  }
}

const isOurMistake = (error: unknown): boolean => error instanceof TypeError || error instanceof RangeError
const reasonOf = (error: unknown): string => {
  if (isOurMistake(error)) throw error
  return error instanceof Error ? error.message : String(error)
}
