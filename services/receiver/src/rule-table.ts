// The rules of the firewall, and which of them is for an address.
// Laws: an allowing rule wins over all others, whichever is longer or newer; of the others the harshest counts. A rule that
// is over is none. The number of rules is bounded for the administrator and for the reputation apart, so that neither drives
// out the other: the administrator's beyond it are refused, of the reputation's the one that ends first goes.

import type { Response } from '@scop/bottle'
import { parseRuleNetwork, prefixKey } from './network.ts'

export type Rule = Response<'receiver', 'firewall-add'>['rule']

export const RULES_OF_EACH = 5000

export class RuleTable {
  readonly #byNetwork = new Map<string, Map<Rule['by'], Rule>>()
  /** Prefix lengths in use, so that an address is looked up once for each of them. */
  readonly #lengths = { 4: new Map<number, number>(), 16: new Map<number, number>() }
  readonly #counts = { administrator: 0, reputation: 0 }
  readonly #limit: number

  constructor(limit = RULES_OF_EACH) {
    this.#limit = limit
  }

  get size(): number {
    return this.#counts.administrator + this.#counts.reputation
  }

  /** The rules that had to go; undefined: refused, there are too many. The network must be canonical. */
  add(rule: Rule, nowMs: number): readonly Rule[] | undefined {
    const gone: Rule[] = []
    if (this.#find(rule.network, rule.by) === undefined && this.#counts[rule.by] >= this.#limit) {
      for (const over of this.#all().filter((one) => one.by === rule.by && isOver(one, nowMs))) gone.push(over)
      if (gone.length === 0 && rule.by === 'administrator') return undefined
      if (gone.length === 0) gone.push(...this.#all().filter(isOfReputation).toSorted(byEnd).slice(0, 1))
      for (const one of gone) this.#remove(one)
    }
    const before = this.#find(rule.network, rule.by)
    if (before !== undefined) this.#remove(before)
    this.#insert(rule)
    return gone
  }

  /** Those that stood for exactly this network, of one author or of both. */
  remove(network: string, by?: Rule['by']): readonly Rule[] {
    const found = this.#at(network).filter((rule) => by === undefined || rule.by === by)
    for (const rule of found) this.#remove(rule)
    return found
  }

  /** Those that hold, the most recent first. */
  list(nowMs: number): readonly Rule[] {
    return this.#all()
      .filter((rule) => !isOver(rule, nowMs))
      .toSorted((a, b) => b.sinceMs - a.sinceMs)
  }

  /** 4 or 16 octets. */
  match(address: Uint8Array, nowMs: number): Rule | undefined {
    const lengths = this.#lengths[address.length === 4 ? 4 : 16]
    let harshest: Rule | undefined
    for (const bits of lengths.keys()) {
      for (const rule of this.#byNetwork.get(prefixKey(address, bits))?.values() ?? []) {
        if (isOver(rule, nowMs)) continue
        if (rule.action === 'allow') return rule
        if (harshest === undefined || HARSHNESS[rule.action] > HARSHNESS[harshest.action]) harshest = rule
      }
    }
    return harshest
  }

  #all(): readonly Rule[] {
    return [...this.#byNetwork.values()].flatMap((rules) => [...rules.values()])
  }

  #at(network: string): readonly Rule[] {
    const { key } = keyOf(network)
    return [...(this.#byNetwork.get(key)?.values() ?? [])]
  }

  #find(network: string, by: Rule['by']): Rule | undefined {
    return this.#at(network).find((rule) => rule.by === by)
  }

  #insert(rule: Rule): void {
    const { key, bits, lengths } = this.#placeOf(rule)
    const there = this.#byNetwork.get(key) ?? new Map<Rule['by'], Rule>()
    this.#byNetwork.set(key, there.set(rule.by, rule))
    lengths.set(bits, (lengths.get(bits) ?? 0) + 1)
    this.#counts[rule.by]++
  }

  #remove(rule: Rule): void {
    const { key, bits, lengths } = this.#placeOf(rule)
    const there = this.#byNetwork.get(key)
    if (there?.delete(rule.by) !== true) return
    if (there.size === 0) this.#byNetwork.delete(key)
    const left = (lengths.get(bits) ?? 1) - 1
    if (left === 0) lengths.delete(bits)
    else lengths.set(bits, left)
    this.#counts[rule.by]--
  }

  #placeOf(rule: Rule): { readonly key: string; readonly bits: number; readonly lengths: Map<number, number> } {
    const { key, bits, octets } = keyOf(rule.network)
    return { key, bits, lengths: this.#lengths[octets === 4 ? 4 : 16] }
  }
}

export function isOver({ untilMs }: Pick<Rule, 'untilMs'>, nowMs: number): boolean {
  return untilMs !== undefined && untilMs <= nowMs
}

function keyOf(text: string): { readonly key: string; readonly bits: number; readonly octets: number } {
  const network = parseRuleNetwork(text)
  if (network === undefined) throw new Error(`Cannot keep a rule for "${text}": not a network`)
  return { key: prefixKey(network.octets, network.bits), bits: network.bits, octets: network.octets.length }
}

const isOfReputation = ({ by }: Rule): boolean => by === 'reputation'
const byEnd = (a: Rule, b: Rule): number => (a.untilMs ?? Infinity) - (b.untilMs ?? Infinity)
const HARSHNESS: Readonly<Record<Rule['action'], number>> = { allow: 0, greylist: 1, tarpit: 2, refuse: 3 }
