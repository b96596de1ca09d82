// Commits behind the journal: what the repository does not have yet is read from there, change by change, and written when
// there is time. So a crash loses nothing of it, and no queue can grow.

import { setImmediate, setTimeout as sleep } from 'node:timers/promises'
import {
  applyDiff,
  formatName,
  formatZoneByName,
  formatZoneFileError,
  type Name,
  parseZone,
  type Zone,
  type ZoneDiff,
} from '@scop/dns'
import type { Because, PrimaryEvent } from '@scop/dns/node'
import { createDurableFiles, openBranch, openRepository } from '@scop/git-repository/node'
import { decodeUtf8, encodeUtf8 } from '@scop/octets'
import { err, ok, type Result } from '@scop/result'
import { HISTORY_LIMITS, type HistoryLimits } from '../limits.ts'
import { zoneFilePath } from '../zone-file-path.ts'

/** Where the truth is. */
export type ZoneSource = {
  /** As they are now. */
  zones(): readonly Zone[]
  /** The changes from this serial to the last version; `undefined` where they are not kept. */
  changesSince(
    origin: Name,
    serial: number,
  ): readonly { readonly diff: ZoneDiff; readonly because: Because }[] | undefined
}

export type ZoneHistoryOptions = {
  /** The bare repository; made if it is not there. */
  readonly path: string
  readonly source: ZoneSource
  readonly randomOctets: (count: number) => Uint8Array
  readonly limits?: Partial<HistoryLimits>
  /** The disk, or a file in the repository that is no zone. What could not be written is tried again with the next change. */
  readonly onTrouble?: (error: unknown) => void
}

/** One line of the history. */
export type HistoryEntry = {
  readonly commit: string
  readonly author: string
  /** `example.org 101: UPDATE from 192.0.2.1`, then a line for each serial where there are several. */
  readonly message: string
  readonly atMs: number
}

export type HistoryError =
  | { readonly kind: 'no-such-commit'; readonly commit: string }
  /** The commit does not have the zone. */
  | { readonly kind: 'no-such-zone' }
  | { readonly kind: 'not-a-zone'; readonly reason: string }

export type ZoneHistory = {
  /** Something has changed. Returns at once. */
  note(event: PrimaryEvent): void
  /** Resolves when the repository has all that the source had when it was called. */
  settled(): Promise<void>
  /** Latest first; of one zone, or of all. */
  log(origin: Name | undefined, limit: number): Promise<readonly HistoryEntry[]>
  /** A zone as it was at a commit (7 hex digits or more). */
  zoneAt(origin: Name, commit: string): Promise<Result<Zone, HistoryError>>
  /** Writes nothing more; resolves when what is being written is there. */
  close(): Promise<void>
}

/** Opens the repository; what it does not have yet is written from then on. Rejects if it cannot be had. */
export async function openZoneHistory(options: ZoneHistoryOptions): Promise<ZoneHistory> {
  const { path, source } = options
  const limits = { ...HISTORY_LIMITS, ...options.limits }
  const fs = createDurableFiles(options.randomOctets)
  const repository = await openRepository(path, fs, 'Zones')
  const branch = openBranch(path, fs, limits)
  const closing = new AbortController()
  /** What the repository has, of the zones that have been looked at. */
  const written = new Map<string, Zone>()
  /** Zones to look at; with the version that they have begun with anew, where somebody said so. */
  const dirty = new Map<string, Begun | undefined>()
  let working: Promise<void> | undefined

  const fileOf = async (origin: Name, commit: string | undefined): Promise<Uint8Array | undefined> => {
    if (commit === undefined) return undefined
    const entries = await repository.tree(await repository.treeOf(commit))
    const entry = entries.find((each) => each.path === zoneFilePath(origin))
    return entry === undefined ? undefined : repository.blob(entry.oid)
  }
  const commit = async (
    writes: ReadonlyMap<string, Uint8Array | undefined>,
    message: string,
    because: Because,
  ): Promise<void> => {
    for (;;) {
      const parent = await branch.read()
      const { author, atMs } = because
      const made = await repository.commit({ parent, content: { writes }, author: personOf(author), message, atMs })
      if ((await branch.advance(parent, made)) === 'advanced') return
    }
  }
  const textOf = async (zone: Zone): Promise<Uint8Array> => {
    const parts: Uint8Array[] = []
    let text = ''
    for (const piece of formatZoneByName(zone)) {
      text += piece
      if (text.length < limits.textOctetsAtOnce) continue
      parts.push(encodeUtf8(text))
      text = ''
      await setImmediate()
    }
    return Buffer.concat([...parts, encodeUtf8(text)])
  }
  const writeZone = async (zone: Zone, message: string, because: Because): Promise<void> => {
    await commit(new Map([[zoneFilePath(zone.origin), await textOf(zone)]]), message, because)
    written.set(zone.origin.key, zone)
  }
  /** The version that the repository has; read from it where we have not written it ourselves. */
  const writtenVersion = async (current: Zone): Promise<Zone | undefined> => {
    const known = written.get(current.origin.key)
    if (known !== undefined) return known
    const octets = await fileOf(current.origin, await branch.read())
    const zone = octets === undefined ? undefined : readZone(octets, current.origin)
    if (zone?.ok === false) options.onTrouble?.(new Error(`${zoneFilePath(current.origin)}: ${zone.error.reason}`))
    if (zone?.ok !== true) return undefined
    // The same serial is the same zone: one copy of it is enough.
    const version = zone.value.soa.serial === current.soa.serial ? current : zone.value
    written.set(current.origin.key, version)
    return version
  }
  /** One step towards what the source has now; false when there is none to take. */
  const step = async (current: Zone, begun: Begun | undefined): Promise<boolean> => {
    const { origin, soa } = current
    const name = shownName(origin)
    const version = await writtenVersion(current)
    const whole = async (reason: string): Promise<boolean> => {
      const because = begun?.because ?? { author: 'dns-primary', reason, atMs: Date.now() }
      const zone = begun?.zone ?? current
      await writeZone(zone, `${name} ${zone.soa.serial}: ${oneLine(because.reason)}\n`, because)
      return true
    }
    if (version === undefined) return whole('the zone as it is')
    if (version.soa.serial === soa.serial) return false
    const changes = source.changesSince(origin, version.soa.serial)
    if (changes === undefined || changes.length === 0) return whole('the changes until now are not kept')
    const taken = changes.length <= limits.singleCommits ? changes.slice(0, 1) : firstOfOneAuthor(changes, limits)
    let next = version
    for (const { diff } of taken) {
      const applied = applyDiff(next, diff)
      if (!applied.ok) return whole('the changes until now do not fit')
      next = applied.value
    }
    const last = taken.at(-1)
    if (last === undefined) return false
    await writeZone(next, messageOf(name, taken), last.because)
    return true
  }
  const removeFile = async (origin: Name, because: Because): Promise<void> => {
    written.delete(origin.key)
    const there = await fileOf(origin, await branch.read())
    if (there === undefined) return
    const message = `${shownName(origin)}: ${oneLine(because.reason)}\n\nThe zone is removed.\n`
    await commit(new Map([[zoneFilePath(origin), undefined]]), message, because)
  }
  const removed = new Map<string, { readonly origin: Name; readonly because: Because }>()
  /** One round over all that is noted; then rest, and again. */
  const work = async (): Promise<void> => {
    while ((dirty.size > 0 || removed.size > 0) && !closing.signal.aborted) {
      const started = performance.now()
      const [gone] = removed.values()
      if (gone !== undefined) {
        removed.delete(gone.origin.key)
        await removeFile(gone.origin, gone.because)
      } else {
        const [first] = dirty
        if (first === undefined) return
        const [key, begun] = first
        dirty.delete(key)
        const current = source.zones().find(({ origin }) => origin.key === key)
        // To the end of the line, so that every zone has its turn.
        if (current !== undefined && (await step(current, begun)) && !dirty.has(key)) dirty.set(key, undefined)
      }
      const restMs = (performance.now() - started) * limits.restFactor
      await sleep(restMs, undefined, { signal: closing.signal }).catch(() => undefined)
    }
  }
  const start = (): void => {
    working ??= work()
      .catch((error: unknown) => options.onTrouble?.(error))
      .finally(() => {
        working = undefined
        if ((dirty.size > 0 || removed.size > 0) && !closing.signal.aborted) start() // noted after the last look
      })
  }
  /** Everything that the source has is looked at; so are files of zones that are no more. */
  const catchUp = async (): Promise<void> => {
    const zones = source.zones()
    for (const { origin } of zones) dirty.set(origin.key, dirty.get(origin.key))
    const head = await branch.read()
    if (head === undefined) return
    const known = new Set(zones.map(({ origin }) => zoneFilePath(origin)))
    const lost = (await repository.tree(await repository.treeOf(head))).filter(
      ({ path: file, type }) => type === 'blob' && file.endsWith('.zone') && !known.has(file),
    )
    if (lost.length === 0) return
    const writes = new Map(lost.map(({ path: file }) => [file, undefined]))
    const names = lost.map(({ path: file }) => file).join('\n')
    const because = { author: 'dns-primary', reason: 'zones that are no more', atMs: Date.now() }
    await commit(writes, `${because.reason}\n\n${names}\n`, because)
  }
  await catchUp()
  start()
  return {
    note: (event) => {
      if (event.kind === 'removed') {
        dirty.delete(event.origin.key)
        removed.set(event.origin.key, event)
      } else if (event.kind === 'replaced') {
        removed.delete(event.zone.origin.key)
        dirty.set(event.zone.origin.key, event)
      } else if (event.kind === 'updated' && !dirty.has(event.zone.origin.key)) {
        dirty.set(event.zone.origin.key, undefined)
      } else return
      if (!closing.signal.aborted) start()
    },
    settled: async () => {
      while (working !== undefined) await working
    },
    log: async (origin, limit) => {
      const head = await branch.read()
      if (head === undefined) return []
      const entries = await repository.history(head, limits.entries)
      const prefix = origin === undefined ? undefined : shownName(origin)
      const mine = entries.filter(({ message }) => prefix === undefined || startsWithName(message, prefix))
      return mine.slice(0, limit)
    },
    zoneAt: async (origin, id) => {
      const head = await branch.read()
      const found = head === undefined ? undefined : await repository.findAncestor(head, id)
      if (found === undefined) return err({ kind: 'no-such-commit', commit: id })
      const octets = await fileOf(origin, found)
      return octets === undefined ? err({ kind: 'no-such-zone' }) : readZone(octets, origin)
    },
    close: async () => {
      closing.abort()
      await working
    },
  }
}

/** A zone that is new, or another than before. */
type Begun = { readonly zone: Zone; readonly because: Because }
type Kept = { readonly diff: ZoneDiff; readonly because: Because }

function firstOfOneAuthor(changes: readonly Kept[], { changesPerCommit }: HistoryLimits): readonly Kept[] {
  const author = changes[0]?.because.author
  const end = changes.findIndex(({ because }, i) => because.author !== author || i >= changesPerCommit)
  return end < 0 ? changes : changes.slice(0, end)
}

function messageOf(name: string, changes: readonly Kept[]): string {
  const [first, last] = [changes[0], changes.at(-1)]
  if (first === undefined || last === undefined || first === last) {
    return `${name} ${first?.diff.toSerial}: ${oneLine(first?.because.reason ?? '')}\n`
  }
  const lines = changes.map(({ diff, because }) => `${diff.toSerial}: ${oneLine(because.reason)}`)
  return `${name} ${first.diff.toSerial} to ${last.diff.toSerial}: ${changes.length} changes\n\n${lines.join('\n')}\n`
}

function readZone(octets: Uint8Array, origin: Name): Result<Zone, HistoryError & { readonly kind: 'not-a-zone' }> {
  const text = decodeUtf8(octets)
  if (!text.ok) return err({ kind: 'not-a-zone', reason: 'not UTF-8' })
  const zone = parseZone(text.value, origin)
  if (zone.ok) return ok(zone.value)
  return err({ kind: 'not-a-zone', reason: formatZoneFileError(zoneFilePath(origin), zone.error) })
}

function shownName(origin: Name): string {
  return formatName(origin).replace(/(?<=.)\.$/, '')
}

function startsWithName(message: string, name: string): boolean {
  return message.startsWith(`${name} `) || message.startsWith(`${name}:`)
}

/** What Git takes for a name, and shows as one. */
function personOf(author: string): string {
  const name = oneLine(author.replace(/[<>]/g, ''))
  return /[\p{L}\p{N}]/u.test(name) ? name : 'unknown'
}

function oneLine(text: string): string {
  return text.replace(/[\p{Cc}\p{Cs}\p{Zl}\p{Zp}]+/gu, ' ').trim()
}
