// What the receiver answers over its pipe: the rules of its firewall, from the verifier and from the administrator.
// Laws: the verifier's rules have an end and touch none of the administrator's; what the administrator is told is on disk.

import type { Figures } from '@scop/bottle'
import type { Handlers, Log } from '@scop/bottle/node'
import { PipeRefusal } from '@scop/mesh/node'
import { firstAddress, isTrusted, parseRuleNetwork, type Trust } from './network.ts'
import type { RuleStore } from './rule-store.ts'
import { isOver, type Rule, type RuleTable } from './rule-table.ts'

export type ReceiverHandlersOptions = Trust & {
  readonly enabled: boolean
  readonly rules: RuleTable
  readonly store: Pick<RuleStore, 'change'>
  readonly now: () => number
  readonly log: Log
  readonly figures: Figures
}

export function receiverHandlers(options: ReceiverHandlersOptions): Handlers<'receiver'> {
  const { enabled, rules, store, now, log, figures } = options
  const write = async (keep: readonly Rule[], remove: readonly Rule[]): Promise<void> => {
    const written = await store.change(keep, remove)
    if (!written.ok) throw new PipeRefusal('temporary', `the rules could not be written: ${written.error.kind}`)
  }
  return {
    'firewall-learn': async ({ request }) => {
      const nowMs = now()
      const removed = request.forget.flatMap((text) => {
        const network = parseRuleNetwork(text)
        return network === undefined ? [] : rules.remove(network.text, 'reputation')
      })
      const kept: Rule[] = []
      for (const learnt of request.rules) {
        const network = parseRuleNetwork(learnt.network)
        if (network === undefined || isTrusted(firstAddress(network), options) || isOver(learnt, nowMs)) continue
        const rule: Rule = { ...learnt, network: network.text, by: 'reputation' }
        removed.push(...(rules.add(rule, nowMs) ?? []))
        kept.push(rule)
        log.warn('firewall learnt', factsOf(rule))
      }
      for (const rule of removed) log.info('firewall forgot', factsOf(rule))
      figures.add('firewall_rules_learnt_total', kept.length)
      await write(
        kept,
        removed.filter((one) => !kept.some((other) => other.network === one.network)),
      )
      return { response: { kept: kept.length, ignored: request.rules.length - kept.length } }
    },
    'firewall-list': async () => {
      const all = rules.list(now())
      return { response: { enabled, rules: all.slice(0, LISTED).map((rule) => ({ ...rule })), total: all.length } }
    },
    'firewall-add': async ({ request }) => {
      const network = parseRuleNetwork(request.network)
      if (network === undefined) throw new PipeRefusal('bad-request', `"${request.network}" is no network`)
      const { action, reason, author, seconds } = request
      if (action !== 'allow' && isTrusted(firstAddress(network), options))
        throw new PipeRefusal('trusted', `${network.text} is trusted: nothing is done to it (firewall.trusted)`)
      const sinceMs = now()
      const until = seconds === undefined ? {} : { untilMs: sinceMs + seconds * 1000 }
      const rule: Rule = { network: network.text, action, reason, by: 'administrator', author, sinceMs, ...until }
      const gone = rules.add(rule, sinceMs)
      if (gone === undefined) throw new PipeRefusal('too-many', 'there are too many rules of the administrator')
      await write([rule], gone)
      log.info('firewall rule added', factsOf(rule))
      return { response: { rule } }
    },
    'firewall-undo': async ({ request }) => {
      const network = parseRuleNetwork(request.network)
      if (network === undefined) throw new PipeRefusal('bad-request', `"${request.network}" is no network`)
      const removed = rules.remove(network.text)
      await write([], removed)
      const { author, reason } = request
      for (const rule of removed) log.info('firewall rule undone', { ...factsOf(rule), author, because: reason })
      return { response: { removed: removed.map((rule) => ({ ...rule })) } }
    },
  }
}

export function factsOf({ network, action, by, reason, untilMs }: Rule) {
  return { network, action, by, reason, until: untilMs === undefined ? 'undone' : new Date(untilMs).toISOString() }
}

/** What one answer of a pipe can hold. */
const LISTED = 1000
