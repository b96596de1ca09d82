// The keys of one zone: where they are in their lives, kept as text, and their private parts, kept in files of their own.
// A key's file is durable before its state names it, and a state before anybody sees it in the zone.

import type { Name } from '@scop/dns'
import {
  adoptKey,
  type CreateKey,
  formatKeyStates,
  keyId,
  type KeyId,
  KEY_FLAG,
  type KeyRole,
  makeKey,
  parseKeyStates,
  type SigningKey,
  type ZoneKeyState,
} from '@scop/dnssec'
import type { KeyFiles } from './key-files.ts'

/** An algorithm that the operator chose by command. It counts until the policy names another than it did then. */
type Chosen = { readonly algorithm: number; readonly insteadOf: number }

export class ZoneKeys {
  readonly #files: KeyFiles
  readonly #origin: Name
  readonly #private = new Map<KeyId, SigningKey>()
  #states: readonly ZoneKeyState[] = []
  #text = ''
  #chosen: Chosen | undefined

  /** Throws where a key cannot be read: signing with others than the parent knows would make the zone bogus. */
  constructor(files: KeyFiles, origin: Name) {
    this.#files = files
    this.#origin = origin
    const text = files.readText(origin, 'states')
    if (text !== undefined) {
      const parsed = parseKeyStates(text)
      if (!parsed.ok) throw new Error(`states.json: ${parsed.error.kind}`)
      for (const state of parsed.value) {
        const key = files.readKey(origin, state)
        if (!key.ok) throw new Error(`${state.id}.pem: ${key.error.kind}`)
        this.#private.set(state.id, key.value)
      }
      this.#states = parsed.value
      this.#text = text
    }
    this.#chosen = parseChosen(files.readText(origin, 'algorithm'))
  }

  get states(): readonly ZoneKeyState[] {
    return this.#states
  }

  /** There were keys, and the last is gone. */
  get isOver(): boolean {
    return this.#text !== '' && this.#states.length === 0
  }

  algorithm(ofPolicy: number): number {
    return this.#chosen?.insteadOf === ofPolicy ? this.#chosen.algorithm : ofPolicy
  }

  chooseAlgorithm(algorithm: number, insteadOf: number): void {
    const chosen = { algorithm, insteadOf }
    this.#files.writeText(this.#origin, 'algorithm', `${JSON.stringify(chosen)}\n`)
    this.#chosen = chosen
  }

  readonly create: CreateKey = (algorithm, flags, avoidTags) => {
    const key = makeKey(algorithm, { flags, avoidTags })
    this.#files.writeKey(this.#origin, key)
    this.#private.set(keyId(key.dnskey), key)
    return key.dnskey
  }

  /** Takes keys that the zone has had elsewhere: they are known everywhere, and so is the DS of those that have one. */
  adopt(keys: readonly SigningKey[], nowSeconds: number): void {
    for (const key of keys) {
      this.#files.writeKey(this.#origin, key)
      this.#private.set(keyId(key.dnskey), key)
    }
    const split = keys.some(({ dnskey }) => (dnskey.flags & KEY_FLAG.SEP) === 0)
    const roleOf = ({ dnskey }: SigningKey): KeyRole =>
      (dnskey.flags & KEY_FLAG.SEP) === 0 ? 'zsk' : split ? 'ksk' : 'csk'
    this.keep(
      keys.map((key) => adoptKey(key.dnskey, roleOf(key), nowSeconds, true)),
      [],
    )
  }

  find(id: KeyId): SigningKey {
    const key = this.#private.get(id)
    if (key === undefined) throw new Error(`No private key ${id}`)
    return key
  }

  /** Makes these states durable, if they are others than before; the private parts of finished keys go then. */
  keep(states: readonly ZoneKeyState[], finished: readonly ZoneKeyState[]): boolean {
    const text = formatKeyStates(states)
    if (text === this.#text) return false
    this.#files.writeText(this.#origin, 'states', text)
    this.#states = states
    this.#text = text
    for (const { id } of finished) {
      this.#private.delete(id)
      this.#files.removeKey(this.#origin, id)
    }
    return true
  }
}

function parseChosen(text: string | undefined): Chosen | undefined {
  if (text === undefined) return undefined
  const value: unknown = JSON.parse(text)
  if (typeof value !== 'object' || value === null || !('algorithm' in value) || !('insteadOf' in value))
    throw new Error('algorithm.json: wrong-form')
  const { algorithm, insteadOf } = value
  if (typeof algorithm !== 'number' || typeof insteadOf !== 'number') throw new Error('algorithm.json: wrong-form')
  return { algorithm, insteadOf }
}
