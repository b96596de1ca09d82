// The firewall: what is done with a client when it connects, before anything is read of it.
// Laws: this machine and trusted networks are never judged; an allowing rule wins; no more clients are held in the tarpit
// than configured, and those beyond are sent away. Every rule that turned somebody away is logged with its reason.

import type { IpAddress } from '@scop/identifiers'
import { connectionOctets, isTrusted, type Trust } from './network.ts'
import type { Rule, RuleTable } from './rule-table.ts'

export type Treatment =
  | { readonly kind: 'free' }
  | { readonly kind: 'refuse' | 'greylist'; readonly rule: Rule }
  /** `release` gives the place back; called once. */
  | { readonly kind: 'tarpit'; readonly rule: Rule; readonly release: () => void }
  | { readonly kind: 'tarpit-full'; readonly rule: Rule }

export type FirewallOptions = Trust & {
  readonly enabled: boolean
  readonly rules: RuleTable
  readonly tarpitSessions: number
  readonly now: () => number
}

export class Firewall {
  readonly #options: FirewallOptions
  #held = 0

  constructor(options: FirewallOptions) {
    this.#options = options
  }

  /** Clients in the tarpit. */
  get held(): number {
    return this.#held
  }

  treat(address: IpAddress): Treatment {
    const { enabled, rules, now, tarpitSessions } = this.#options
    if (!enabled || isTrusted(address, this.#options)) return { kind: 'free' }
    const rule = rules.match(connectionOctets(address), now())
    if (rule === undefined || rule.action === 'allow') return { kind: 'free' }
    if (rule.action !== 'tarpit') return { kind: rule.action, rule }
    if (this.#held >= tarpitSessions) return { kind: 'tarpit-full', rule }
    this.#held++
    let given = false
    const release = (): void => {
      if (!given) this.#held--
      given = true
    }
    return { kind: 'tarpit', rule, release }
  }
}
