// The rules on disk: they hold at once after a restart, whether the verifier runs or not. What the administrator is told is
// durable; a row that cannot be read back is left out and named.

import path from 'node:path'
import { type CommitError, GroupCommit, openDatabase } from '@scop/group-commit/node'
import type { Result } from '@scop/result'
import { parseRuleNetwork } from './network.ts'
import type { Rule } from './rule-table.ts'

export type RuleStore = {
  /** As they were kept; `unreadable` rows are left out. */
  readonly rules: readonly Rule[]
  readonly unreadable: number
  /** In one transaction; resolves when it is durable. */
  change(keep: readonly Rule[], remove: readonly Rule[]): Promise<Result<void, CommitError>>
  close(): void
}

export function openRuleStore(directory: string): RuleStore {
  const database = openDatabase(path.join(directory, 'firewall.sqlite'))
  database.exec(SCHEMA)
  const group = new GroupCommit(database)
  const insert = database.prepare(
    'INSERT OR REPLACE INTO rule (network, made_by, action, reason, author, since, until) VALUES (?, ?, ?, ?, ?, ?, ?)',
  )
  const remove = database.prepare('DELETE FROM rule WHERE network = ? AND made_by = ?')
  const read = database.prepare('SELECT * FROM rule').all().map(readRule)
  return {
    rules: read.filter((rule) => rule !== undefined),
    unreadable: read.filter((rule) => rule === undefined).length,
    change: (keep, gone) =>
      group.commit(() => {
        for (const rule of gone) remove.run(rule.network, rule.by)
        for (const { network, by, action, reason, author, sinceMs, untilMs } of keep)
          insert.run(network, by, action, reason, author ?? null, sinceMs, untilMs ?? null)
      }),
    close: () => database.close(),
  }
}

function readRule(row: Record<string, unknown>): Rule | undefined {
  const network = parseRuleNetwork(String(row['network']))
  const action = ACTIONS.find((one) => one === row['action'])
  const { author, since, until } = row
  if (network === undefined || action === undefined || typeof since !== 'number') return undefined
  return {
    network: network.text,
    action,
    by: row['made_by'] === 'administrator' ? 'administrator' : 'reputation', // the column's CHECK allows these only
    reason: String(row['reason']),
    ...(typeof author === 'string' && { author }),
    sinceMs: since,
    ...(typeof until === 'number' && { untilMs: until }),
  }
}

const ACTIONS = ['allow', 'greylist', 'tarpit', 'refuse'] as const
const SCHEMA = `
CREATE TABLE IF NOT EXISTS rule (
  network TEXT NOT NULL,
  made_by TEXT NOT NULL CHECK (made_by IN ('administrator', 'reputation')),
  action TEXT NOT NULL,
  reason TEXT NOT NULL,
  author TEXT,
  since INTEGER NOT NULL,
  until INTEGER,
  PRIMARY KEY (network, made_by)
) WITHOUT ROWID;
`
