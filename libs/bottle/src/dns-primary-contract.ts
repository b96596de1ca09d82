// Our zones, their versions and their keys.

import * as v from 'valibot'
import { BECAUSE, COMMON, COUNT, NAME, NOTHING, TEXT, TIME } from './contract-shapes.ts'

const KEY_STATE = v.picklist(['hidden', 'rumoured', 'omnipresent', 'unretentive'])
const DNSSEC_KEY = v.strictObject({
  zone: NAME,
  keyTag: COUNT,
  algorithm: COUNT,
  role: v.picklist(['csk', 'ksk', 'zsk']),
  createdAtMs: TIME,
  /** Whether it is meant to be in use, or to go. */
  goal: v.picklist(['present', 'absent']),
  /** What the world knows of each of its parts, and since when. RFC 7583 §3 */
  states: v.array(
    v.strictObject({ part: v.picklist(['dnskey', 'zrrsig', 'krrsig', 'ds']), state: KEY_STATE, sinceMs: TIME }),
  ),
  /** What happens next; without a time: what is waited for. */
  next: v.optional(v.strictObject({ what: TEXT, atMs: v.optional(TIME) })),
})

export const DNS_PRIMARY_CONTRACT = {
  ...COMMON,
  /**
   * A zone file, as `text` or, where that would be long, as the octets; refused when it does not parse or the zone
   * exists. It is signed as the configuration says; of signatures that it brings nothing stays then. `keys` are those that it
   * has had elsewhere, whose DS the parent has: they sign it from now on. PKCS#8.
   */
  'add-zone': {
    request: v.strictObject({
      zone: NAME,
      text: v.optional(v.string()),
      keys: v.optional(v.array(v.strictObject({ pem: TEXT, algorithm: COUNT, flags: COUNT }))),
      ...BECAUSE,
    }),
    response: v.strictObject({ serial: COUNT }),
  },
  'remove-zone': {
    request: v.strictObject({ zone: NAME, ...BECAUSE }),
    response: v.strictObject({ removed: v.boolean() }),
  },
  /** The answer's octets are the zone file: what was put in (`own`), or with all that signing adds (`all`). */
  'show-zone': {
    request: v.strictObject({ zone: NAME, records: v.picklist(['own', 'all']) }),
    response: v.strictObject({ serial: v.optional(COUNT) }),
  },
  /**
   * Makes the zone's own records those of the zone file in the octets. `serial` is that of the version which the file was
   * made from; refused as `changed` if the zone has moved on. The answer's octets are the difference, one record a line
   * behind `-` or `+`. Not applied: only the difference is told.
   */
  'change-zone': {
    request: v.strictObject({ zone: NAME, serial: COUNT, apply: v.boolean(), ...BECAUSE }),
    response: v.strictObject({ serial: COUNT, removed: COUNT, added: COUNT }),
  },
  /** What a validating resolver, or a secondary that checks, would find wrong with the zone as it is served. */
  'verify-zone': {
    request: v.strictObject({ zone: NAME }),
    response: v.strictObject({
      serial: COUNT,
      signed: v.boolean(),
      signatures: COUNT,
      validUntilMs: v.optional(TIME),
      /** Errors make a validator refuse the zone, or may; warnings do not. */
      errors: v.array(TEXT),
      warnings: v.array(TEXT),
    }),
  },
  'list-zones': {
    request: NOTHING,
    response: v.strictObject({
      zones: v.array(
        v.strictObject({
          zone: NAME,
          serial: COUNT,
          records: COUNT,
          role: v.picklist(['primary', 'secondary']),
          dnssec: v.picklist(['nsec', 'nsec3', 'online', 'off']),
          /** Key tags of the keys that the parent should know. */
          ds: v.array(COUNT),
        }),
      ),
    }),
  },
  /** Versions of a zone as its Git repository has them, newest first. */
  'zone-history': {
    request: v.strictObject({ zone: NAME, limit: COUNT }),
    response: v.strictObject({
      changes: v.array(v.strictObject({ commit: NAME, author: TEXT, reason: TEXT, atMs: TIME })),
    }),
  },
  /** As `change-zone`, to the records of a commit. */
  'restore-zone': {
    request: v.strictObject({ zone: NAME, commit: NAME, apply: v.boolean(), ...BECAUSE }),
    response: v.strictObject({ commit: NAME, serial: COUNT, removed: COUNT, added: COUNT }),
  },
  /** The DNSSEC keys of one zone or all. */
  'list-keys': {
    request: v.strictObject({ zone: v.optional(NAME) }),
    response: v.strictObject({ keys: v.array(DNSSEC_KEY) }),
  },
  /** Begins to replace the keys of this role; another algorithm replaces those of all roles. */
  'roll-key': {
    request: v.strictObject({
      zone: NAME,
      role: v.picklist(['csk', 'ksk', 'zsk', 'all']),
      algorithm: v.optional(COUNT),
      ...BECAUSE,
    }),
    response: v.strictObject({ started: v.array(DNSSEC_KEY) }),
  },
  /** What the parent should have: DS records as lines of a zone file; and what it had when it was asked last. */
  'zone-ds': {
    request: v.strictObject({ zone: NAME, digestTypes: v.array(COUNT) }),
    response: v.strictObject({
      /** `ready`: the keys are known everywhere; before that a DS would make the zone bogus for some. */
      wanted: v.array(v.strictObject({ keyTag: COUNT, record: TEXT, ready: v.boolean() })),
      parent: v.optional(v.strictObject({ askedAtMs: TIME, keyTags: v.array(COUNT), failure: v.optional(TEXT) })),
    }),
  },
  /** The operator says what the parent has, where it cannot be asked. */
  'confirm-ds': {
    request: v.strictObject({ zone: NAME, keyTag: COUNT, state: v.picklist(['published', 'withdrawn']), ...BECAUSE }),
    response: v.strictObject({ key: DNSSEC_KEY }),
  },
  /**
   * The octets are all entries of the reputation's zone, one a line: name below the zone, 127.0.0.x, reason. They take the
   * place of those before; refused as `off` unless the configuration wants the zone.
   */
  'publish-reputation': { request: NOTHING, response: v.strictObject({ serial: COUNT, entries: COUNT }) },
} as const
