import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { CNAME, type Name, parentName, SOA } from '@scop/dns'
import {
  type DenialEvidence,
  proveNameError,
  proveNoData,
  proveNoDs,
  proveWildcardAnswer,
} from '../src/denial-of-existence.ts'
import { Nsec3Hasher } from '../src/nsec3-hasher.ts'
import { existsIn, name, nsec3Chain, nsecChain, truthOf, type ZoneModel, zoneModel } from './denial-model.ts'

const LABELS = ['a', 'b', 'c', '*'] as const
const anyName = fc
  .array(fc.constantFrom(...LABELS), { minLength: 0, maxLength: 3 })
  .map((parts) => [...parts, 'example'].join('.'))
const anyTypes = fc.constantFrom('A', 'A MX', 'NS', 'NS DS', 'CNAME', 'DNAME', 'TXT')

/** Zones in which nothing stands at or below a cut or a DNAME. */
const anyZone: fc.Arbitrary<ZoneModel> = fc.array(fc.tuple(anyName, anyTypes), { maxLength: 8 }).map((rows) => {
  const table: Record<string, string> = Object.fromEntries(rows)
  table['example'] = 'SOA NS DNSKEY'
  const whole = zoneModel('example', table)
  const kept = Object.entries(table).filter(([owner]) => truthOf(whole, name(owner)).kind !== 'elsewhere')
  return zoneModel('example', Object.fromEntries(kept))
})

const kinds = {
  nsec: (zone: ZoneModel): DenialEvidence => ({ nsec: nsecChain(zone), nsec3: [] }),
  nsec3: (zone: ZoneModel): DenialEvidence => ({ nsec: [], nsec3: nsec3Chain(zone, PLAIN) }),
  'nsec3 with opt-out': (zone: ZoneModel): DenialEvidence => ({
    nsec: [],
    nsec3: nsec3Chain(zone, { ...PLAIN, optOut: true }),
  }),
}
const PLAIN = { iterations: 0, salt: new Uint8Array(0), optOut: false }
const hasher = () => new Nsec3Hasher({ records: 100, iterations: 50, hashes: 1000 })

for (const [kind, evidenceOf] of Object.entries(kinds)) {
  const optOut = kind === 'nsec3 with opt-out'

  test(`${kind}: the whole chain proves what is true, and nothing else`, () => {
    fc.assert(
      fc.property(anyZone, anyName, fc.constantFrom(1, 15, 16, 43), (zone, text, type) => {
        const sought = name(text)
        const truth = truthOf(zone, sought)
        const evidence = evidenceOf(zone)
        const nameError = proveNameError(evidence, sought, hasher())
        const noData = proveNoData(evidence, sought, type, hasher())
        if (truth.kind === 'elsewhere') {
          assert.notEqual(nameError.kind, 'proven')
          assert.notEqual(noData.kind, 'proven')
          return
        }
        if (truth.kind === 'name-error') {
          // With opt-out, an encloser without a record leaves the wildcard of one above it in the way.
          if (optOut) assert.notEqual(nameError.kind, 'proven')
          else assert.equal(nameError.kind, 'proven')
          assert.notEqual(noData.kind, 'proven')
          return
        }
        // A name that opt-out leaves without a record cannot be told from one that is not there.
        const unseen = optOut && !hasRecord(zone, sought)
        if (!unseen) assert.equal(nameError.kind, 'not-proven')
        const cut = truth.types.includes(2) && !truth.types.includes(SOA.code)
        const absent = !truth.types.includes(type) && !truth.types.includes(CNAME.code)
        const sayable = type === 43 ? !truth.types.includes(SOA.code) : !cut
        if (!absent || !sayable) assert.notEqual(noData.kind, 'proven')
        else assert.equal(noData.kind, unseen || (truth.wildcard && optOut) ? 'insecure' : 'proven')
      }),
      { numRuns: 2000 },
    )
  })

  test(`${kind}: part of the chain never proves what is false`, () => {
    fc.assert(
      fc.property(
        anyZone,
        anyName,
        fc.constantFrom(1, 15, 43),
        fc.array(fc.boolean(), { minLength: 30, maxLength: 30 }),
        (zone, text, type, coin) => {
          const sought = name(text)
          const truth = truthOf(zone, sought)
          const whole = evidenceOf(zone)
          const toss = (_: unknown, i: number) => coin[i] === true
          const evidence = { nsec: whole.nsec.filter(toss), nsec3: whole.nsec3.filter(toss) }
          if (truth.kind !== 'name-error') assert.notEqual(proveNameError(evidence, sought, hasher()).kind, 'proven')
          const noData = proveNoData(evidence, sought, type, hasher())
          if (truth.kind !== 'exists' || truth.types.includes(type)) assert.notEqual(noData.kind, 'proven')
          if (zone.names.get(sought.key)?.types.includes(43) === true) {
            assert.ok(['not-proven', 'insecure'].includes(proveNoDs(evidence, sought, hasher()).kind))
          }
        },
      ),
      { numRuns: 2000 },
    )
  })

  test(`${kind}: a wildcard may stand for a name exactly where it is the closest encloser's`, () => {
    fc.assert(
      fc.property(anyZone, anyName, fc.nat(3), (zone, text, up) => {
        const sought = name(text)
        const encloser = ancestor(sought, up)
        if (encloser === undefined) return
        const truth = truthOf(zone, sought)
        const closest = ancestor(
          sought,
          1 + [1, 2, 3, 4].findIndex((n) => existsIn(zone, ancestor(sought, n) ?? zone.apex)),
        )
        const allowed = truth.kind !== 'elsewhere' && !existsIn(zone, sought) && closest?.key === encloser.key
        const verdict = proveWildcardAnswer(evidenceOf(zone), { name: sought, encloser, zone: zone.apex }, hasher())
        if (allowed) assert.equal(verdict.kind, optOut ? 'insecure' : 'proven')
        else if (truth.kind !== 'elsewhere' && existsIn(zone, encloser)) assert.notEqual(verdict.kind, 'proven')
      }),
      { numRuns: 2000 },
    )
  })

  test(`${kind}: an unsigned delegation is told from no delegation`, () => {
    fc.assert(
      fc.property(anyZone, anyName, (zone, text) => {
        const sought = name(text)
        const truth = truthOf(zone, sought)
        if (truth.kind === 'elsewhere' || sought.key === zone.apex.key) return
        const verdict = proveNoDs(evidenceOf(zone), sought, hasher())
        const listed = zone.names.get(sought.key)?.types ?? []
        if (listed.includes(43)) assert.equal(verdict.kind, 'not-proven')
        else if (optOut && !hasRecord(zone, sought)) assert.equal(verdict.kind, 'insecure')
        else assert.equal(verdict.kind, listed.includes(2) ? 'unsigned-delegation' : 'no-delegation')
      }),
      { numRuns: 2000 },
    )
  })
}

/** Whether the chain with opt-out has a record at the name: it or a name below it is no unsigned delegation. */
function hasRecord(zone: ZoneModel, sought: Name): boolean {
  const seen = [...zone.names.values()].filter(
    ({ types }) => !(types.includes(2) && !types.includes(SOA.code) && !types.includes(43)),
  )
  return existsIn({ apex: zone.apex, names: new Map(seen.map((row) => [row.name.key, row])) }, sought)
}

/** The ancestor `up` labels above, within `example`. */
function ancestor(of: Name, up: number): Name | undefined {
  let at: Name = of
  for (let i = 0; i < up; i++) {
    const above = parentName(at)
    if (above === undefined || above.octets.length < 9) return undefined
    at = above
  }
  return at
}
