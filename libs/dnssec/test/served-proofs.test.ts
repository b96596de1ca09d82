// What the authority core serves of a signed zone, judged as a validator would: every RRset has a signature that verifies, and
// every absence is proven. Zones and questions are drawn at random; what must come out is found by a plain search.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  answer,
  AnswerPackets,
  CNAME,
  decodeMessage,
  decodeRdata,
  DEFAULT_LIMITS,
  DNAME,
  DS,
  EMPTY_MESSAGE,
  encodeMessage,
  encodeRdata,
  equalNames,
  formatName,
  handleMessage,
  isAtOrBelow,
  labelCount,
  type Message,
  type Name,
  NS,
  NSEC,
  NSEC3,
  type OnlineSigner,
  parentName,
  parseName,
  parseType,
  parseZone,
  type ResourceRecord,
  ROOT,
  RRSIG,
  type Zone,
  zoneRecords,
  zoneSet,
} from '@scop/dns'
import { expectOk } from '@scop/result'
import fc from 'fast-check'
import {
  ALGORITHM,
  ancestorWithLabels,
  createAlgorithms,
  DEFAULT_SIGNING_POLICY,
  type Denial,
  denialEvidence,
  makeKey,
  Nsec3Hasher,
  proveNameError,
  proveNoData,
  proveNoDs,
  proveWildcardAnswer,
  signRrset,
  signZone,
  singleKey,
  verifyRrsig,
} from '../src/index.ts'

const NOW = 1_700_000_000
const name = (text: string): Name => expectOk(parseName(text, ROOT), text)
const ORIGIN = name('example')
const KEY = makeKey(ALGORITHM.ED25519, { flags: 257 })
const ALGORITHMS = createAlgorithms()

const labels = fc.constantFrom('a', 'b', 'c', '*', 'ent')
const owner = fc.array(labels, { minLength: 1, maxLength: 4 }).map((parts) => `${parts.join('.')}.example.`)
const line = fc.oneof(
  { weight: 6, arbitrary: owner.map((at) => `${at} 60 A 192.0.2.1`) },
  { weight: 2, arbitrary: owner.map((at) => `${at} 60 TXT "t"`) },
  { weight: 2, arbitrary: fc.tuple(owner, owner).map(([at, to]) => `${at} 60 CNAME ${to}`) },
  { weight: 2, arbitrary: owner.map((at) => `${at} 60 NS ns.elsewhere.`) },
  { weight: 1, arbitrary: owner.map((at) => `${at} 60 NS ns.${at}\nns.${at} 60 A 192.0.2.9`) },
  { weight: 1, arbitrary: owner.map((at) => `${at} 60 NS x.\n${at} 60 DS 1 13 2 ${'00'.repeat(32)}`) },
  { weight: 1, arbitrary: fc.tuple(owner, owner).map(([at, to]) => `${at} 60 DNAME ${to}`) },
)
const question = fc.record({
  owner: fc.oneof(
    owner,
    owner.map((at) => `q.${at}`),
    fc.constant('example.'),
  ),
  type: fc.constantFrom('A', 'TXT', 'CNAME', 'DS', 'NS', 'DNAME', 'ANY', 'NSEC'),
})

/** The zone, without the lines that it refuses; wildcards at delegations and DNAMEs, which mean nothing, are left out. */
function zoneOf(lines: readonly string[]): Zone {
  const kept = ['example. 60 SOA ns. h. 1 2 3 4 5', 'example. 60 NS ns.elsewhere.']
  for (const one of lines) {
    if (/^\*\S* 60 (?:NS|DNAME|DS)/m.test(one)) continue
    if (parseZone([...kept, one].join('\n'), ORIGIN).ok) kept.push(one)
  }
  return expectOk(parseZone(kept.join('\n'), ORIGIN), 'read')
}

type Outcome = 'referral' | 'dname' | 'alias' | 'data' | 'nodata' | 'nxdomain'

/** RFC 1034 §4.3.2 on a list of records. */
function outcomeOf(records: readonly ResourceRecord[], asked: Name, type: number): Outcome {
  const has = (at: Name, wanted: number): boolean =>
    records.some((record) => record.type === wanted && equalNames(record.name, at))
  const exists = (at: Name): boolean => records.some((record) => isAtOrBelow(record.name, at))
  for (let count = labelCount(ORIGIN); count <= labelCount(asked); count++) {
    const at = ancestorWithLabels(asked, count)
    const itself = count === labelCount(asked)
    if (!equalNames(at, ORIGIN) && has(at, NS.code) && !(itself && type === DS.code)) return 'referral'
    if (!itself && has(at, DNAME.code)) return 'dname'
  }
  const at = (node: Name): Outcome => {
    const types = records.filter((record) => equalNames(record.name, node)).map((record) => record.type)
    if (type === DS.code && equalNames(node, ORIGIN)) return 'nodata'
    if (types.includes(type) || (type === 255 && types.length > 0)) return 'data'
    return types.includes(CNAME.code) ? 'alias' : 'nodata'
  }
  if (exists(asked)) return at(asked)
  let encloser = parentName(asked) ?? ROOT
  while (!exists(encloser)) encloser = parentName(encloser) ?? ROOT
  const wildcard = name(`*.${formatName(encloser)}`)
  return exists(wildcard) ? at(wildcard) : 'nxdomain'
}

type Signed = {
  readonly owner: Name
  readonly type: number
  readonly records: ResourceRecord[]
  wildcard: number | undefined
}

/** The RRsets of a section with their signatures verified; those without are named. */
function verified(section: readonly ResourceRecord[]): {
  readonly sets: readonly Signed[]
  readonly unsigned: readonly Signed[]
} {
  const sets = new Map<string, Signed>()
  for (const record of section) {
    if (record.type === RRSIG.code) continue
    const key = `${record.type} ${record.name.key}`
    const set = sets.get(key) ?? { owner: record.name, type: record.type, records: [], wildcard: undefined }
    set.records.push(record)
    sets.set(key, set)
  }
  const unsigned = [...sets.values()].filter((set) => {
    const signature = section.find(
      (record) =>
        record.type === RRSIG.code &&
        equalNames(record.name, set.owner) &&
        expectOk(decodeRdata(RRSIG, record.rdata), 'read').typeCovered === set.type,
    )
    if (signature === undefined) return true
    const rrset = {
      type: set.type,
      ttlSeconds: set.records[0]?.ttlSeconds ?? 0,
      rdatas: set.records.map(({ rdata }) => rdata),
    }
    const rrsig = expectOk(decodeRdata(RRSIG, signature.rdata), 'read')
    const one = { owner: set.owner, rrset, rrsig, keyOwner: ORIGIN, key: KEY.dnskey }
    set.wildcard = expectOk(verifyRrsig(one, NOW, ALGORITHMS), `${formatName(set.owner)} ${set.type}`).wildcardLabels
    return false
  })
  return { sets: [...sets.values()], unsigned }
}

function judge(
  reply: Message,
  plain: readonly ResourceRecord[],
  asked: Name,
  type: number,
  optOut: boolean,
  compact = false,
): void {
  const answers = verified(reply.answers)
  const authorities = verified(reply.authorities)
  // What nobody signs: the name servers of a delegation, and the CNAME that follows from a DNAME.
  for (const set of answers.unsigned) {
    const above = answers.sets.some(({ owner: at, type: of }) => of === DNAME.code && isAtOrBelow(set.owner, at))
    assert.ok(set.type === CNAME.code && above, `unsigned ${formatName(set.owner)} ${set.type}`)
  }
  for (const set of authorities.unsigned) assert.equal(set.type, NS.code)
  const proofs = reply.authorities.flatMap((record) => {
    if (record.type !== NSEC.code && record.type !== NSEC3.code) return []
    const rrsig = reply.authorities
      .filter((other) => other.type === RRSIG.code && equalNames(other.name, record.name))
      .map((other) => expectOk(decodeRdata(RRSIG, other.rdata), 'read'))
      .find(({ typeCovered }) => typeCovered === record.type)
    return rrsig === undefined ? [] : [{ record, rrsig }]
  })
  const { evidence, refused } = denialEvidence(proofs)
  assert.deepEqual(refused, [])
  const hasher = new Nsec3Hasher()
  const isProven = (verdict: { readonly kind: string }, ...also: readonly string[]): void => {
    const enough = ['proven', ...(optOut ? ['insecure'] : []), ...also]
    assert.ok(enough.includes(verdict.kind), `${formatName(asked)} ${type}: ${JSON.stringify(verdict)}`)
  }
  for (const { owner: at, wildcard } of answers.sets) {
    if (wildcard === undefined) continue
    const encloser = ancestorWithLabels(at, wildcard)
    isProven(proveWildcardAnswer(evidence, { name: at, encloser, zone: ORIGIN }, hasher))
  }
  // Along the aliases to the last name.
  let last = asked
  let outcome = outcomeOf(plain, last, type)
  for (let hops = 0; outcome === 'alias' || outcome === 'dname'; hops++) {
    const alias = reply.answers.find((record) => record.type === CNAME.code && equalNames(record.name, last))
    if (alias === undefined) {
      if (reply.answers.filter((record) => record.type === CNAME.code).length > DEFAULT_LIMITS.aliasHops) return
      assert.equal(outcome, 'dname', 'an alias without its CNAME')
      return assert.equal(reply.rcode, 6)
    }
    if (outcome === 'dname' && (type === CNAME.code || type === 255)) return
    last = expectOk(decodeRdata(CNAME, alias.rdata), 'read').name
    if (hops > DEFAULT_LIMITS.aliasHops || !isAtOrBelow(last, ORIGIN)) return
    outcome = outcomeOf(plain, last, type)
  }
  if (reply.answers.filter((record) => record.type === CNAME.code).length > DEFAULT_LIMITS.aliasHops) return
  const isLoop =
    reply.answers.some((record) => record.type === CNAME.code && equalNames(record.name, last)) && last !== asked
  if (isLoop && type !== CNAME.code && type !== 255) return
  assert.equal(reply.rcode, outcome === 'nxdomain' && !compact ? 3 : 0, `${formatName(last)} is ${outcome}`)
  switch (outcome) {
    case 'nxdomain':
      // RFC 9824 §3.1: in the compact form a name that is not there is one that has nothing.
      return isProven(compact ? proveNoData(evidence, last, type, hasher) : proveNameError(evidence, last, hasher))
    case 'nodata':
      if (type === DS.code && equalNames(last, ORIGIN)) return
      return isProven(proveNoData(evidence, last, type, hasher))
    case 'referral': {
      const cut = authorities.sets.find((set) => set.type === NS.code)
      assert.ok(cut !== undefined)
      if (authorities.sets.some((set) => set.type === DS.code && equalNames(set.owner, cut.owner))) return
      return isProven(proveNoDs(evidence, cut.owner, hasher), 'unsigned-delegation')
    }
    default:
      assert.ok(reply.answers.length > 0)
  }
}

const MODES: readonly (readonly [string, Denial])[] = [
  ['NSEC', { kind: 'nsec' }],
  ['NSEC3', { kind: 'nsec3', optOut: false }],
  ['NSEC3 with opt-out', { kind: 'nsec3', optOut: true }],
]
const moment = (denial: Denial) => ({
  keys: singleKey(KEY),
  policy: { ...DEFAULT_SIGNING_POLICY, denial },
  nowSeconds: NOW,
  random: () => 0,
})
const queryFor = (asked: Name, type: number): Message => ({
  ...EMPTY_MESSAGE,
  questions: [{ name: asked, type, class: 1 }],
  edns: { udpOctets: 4096, version: 0, dnssecOk: true, options: [] },
})

for (const [mode, denial] of MODES) {
  test(`every answer of a zone with ${mode} is proven`, () => {
    fc.assert(
      fc.property(
        fc.array(line, { maxLength: 12 }),
        fc.array(question, { minLength: 12, maxLength: 12 }),
        (lines, questions) => {
          const plain = zoneOf(lines)
          const records = zoneRecords(plain)
          const signed = zoneSet([expectOk(signZone(plain, moment(denial)), 'sign').zone])
          const packets = new AnswerPackets()
          for (const { owner: text, type: typeText } of questions) {
            const [asked, type] = [name(text), parseType(typeText) ?? 0]
            // NSEC is asked for as it stands: what a plain zone has none of.
            if (type === NSEC.code && denial.kind === 'nsec') continue
            const query = queryFor(asked, type)
            judge(
              answer(signed, query, { wholeAny: true }),
              records,
              asked,
              type,
              denial.kind === 'nsec3' && denial.optOut,
            )
            const incoming = {
              octets: encodeMessage(query).octets,
              transport: 'tcp',
              peer: { address: '::1', port: 9 },
              now: NOW,
            } as const
            const served = handleMessage({ zones: signed, keys: [], grants: [], packets }, incoming)
            assert.ok(served.kind === 'reply')
            judge(
              expectOk(decodeMessage(served.octets), 'decode'),
              records,
              asked,
              type,
              denial.kind === 'nsec3' && denial.optOut,
            )
          }
        },
      ),
      { numRuns: 40 },
    )
  })
}

for (const denial of ['nsec3', 'compact'] as const) {
  test(`every denial that is signed when asked for is proven: ${denial}`, () => {
    const signer: OnlineSigner = {
      denial,
      sign: (zone, at, rrset) => ({
        type: RRSIG.code,
        ttlSeconds: rrset.ttlSeconds,
        rdatas: signRrset(at, rrset, [KEY], {
          signer: zone.origin,
          inceptionSeconds: NOW - 10,
          expirationSeconds: NOW + 1000,
        }).map((rrsig) => encodeRdata(RRSIG, rrsig)),
      }),
    }
    fc.assert(
      fc.property(
        fc.array(line, { maxLength: 12 }),
        fc.array(question, { minLength: 12, maxLength: 12 }),
        (lines, questions) => {
          const plain = zoneOf(lines)
          const records = zoneRecords(plain)
          for (const { owner: text, type: typeText } of questions) {
            const [asked, type] = [name(text), parseType(typeText) ?? 0]
            if (type === NSEC.code || type === 255) continue
            const reply = answer(zoneSet([plain]), queryFor(asked, type), { onlineSigner: () => signer })
            judge(reply, records, asked, type, false, denial === 'compact')
          }
        },
      ),
      { numRuns: 40 },
    )
  })
}
