// The receiver's process: one listener behind the firewall, each session with its own policy; the rules on disk.

import { randomBytes } from 'node:crypto'
import { formatTrace } from '@scop/bottle'
import { runService } from '@scop/bottle/node'
import { listenSmtp, ourHostname } from '@scop/bottle/smtp-listener'
import { parseAddressPrefix } from '@scop/identifiers'
import { expectOk } from '@scop/result'
import { privileges } from '../privileges.ts'
import { Firewall } from './firewall.ts'
import { Greylist } from './greylist.ts'
import { guardedSession } from './guarded-policy.ts'
import { receiverHandlers } from './handlers.ts'
import { startObserver } from './observer.ts'
import { receiverPolicy } from './policy.ts'
import { openRuleStore } from './rule-store.ts'
import { RuleTable } from './rule-table.ts'

await runService({ ...privileges, service: 'receiver' }, async (context) => {
  const { settings, dataDirectory, calls, log, figures, signal } = context
  const hostname = ourHostname(settings)
  const now = Date.now
  const trust = {
    trusted: settings.firewall.trusted.map((text) => expectOk(parseAddressPrefix(text), 'read firewall.trusted')),
    judgeLoopback: settings.firewall['judge-loopback'],
  }
  const { enabled } = settings.firewall
  const store = openRuleStore(dataDirectory)
  if (store.unreadable > 0) log.error('firewall rules cannot be read back', { rules: store.unreadable })
  const rules = new RuleTable()
  for (const rule of store.rules) rules.add(rule, now())
  const firewall = new Firewall({
    ...trust,
    enabled,
    rules,
    tarpitSessions: settings.firewall['tarpit-sessions'],
    now,
  })
  const greylist = new Greylist(settings.firewall['greylist-seconds'])
  const observer = startObserver({ calls, log, figures, trace: () => formatTrace(randomBytes(8)) })
  const draining = new AbortController()
  const guard = {
    ...trust,
    firewall,
    greylist,
    observer,
    tarpitSeconds: settings.firewall['tarpit-seconds'],
    greetingSeconds: settings.firewall['greeting-seconds'],
    draining: draining.signal,
    now,
    log,
    figures,
  }
  const listener = await listenSmtp(context, {
    endpoint: settings.listen.smtp,
    implicitTls: false,
    session: (connection) => guardedSession(receiverPolicy({ hostname, calls, now, log, figures }), guard, connection),
  })
  figures.observe('sessions', () => listener.sessions)
  figures.observe('firewall_rules', () => rules.size)
  figures.observe('sessions_tarpitted', () => firewall.held)
  figures.observe('triplets_greylisted', () => greylist.size)
  return {
    handlers: receiverHandlers({ ...trust, enabled, rules, store, now, log, figures }),
    drain: async () => {
      draining.abort()
      await listener.drain(signal)
      await observer.close()
      store.close()
    },
  }
})
