import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { type DnskeyData, DS, encodeRdata } from '@scop/dns'
import { expectOk } from '@scop/result'
import {
  adoptKey,
  createAlgorithms,
  type CreateKey,
  DEFAULT_KEY_POLICY,
  DEFAULT_SIGNING_POLICY,
  dueSignatures,
  formatKeyStates,
  type KeyId,
  keyId,
  type KeyPlan,
  type KeyPolicy,
  keyTag,
  makeDs,
  makeKey,
  parseKeyStates,
  planKeys,
  resign,
  retireKey,
  seeParent,
  seeZone,
  type SigningKey,
  signZone,
  type ZoneKeyState,
  zoneKeysOf,
} from '../src/index.ts'
import { exampleZone, ORIGIN } from './example-zone.ts'
import { History, judgeChain, type KeySetVersion } from './key-world.ts'

type Ask = { readonly announced: readonly KeyId[]; readonly deletion: boolean }

/** A zone, its parent and all caches. Time goes by `go`; `random` chooses who lags behind and how far. */
class World {
  now = 1000
  keys: readonly ZoneKeyState[] = []
  policy: KeyPolicy
  plan: KeyPlan | undefined
  generations = 0
  readonly #random: () => number
  readonly #dnskey: History<KeySetVersion>
  readonly #ask: History<Ask>
  readonly #ds: History<readonly KeyId[]>
  /** Two RRsets, of which one is signed at once and one when the signer comes to it. */
  readonly #early: History<readonly KeyId[]>
  readonly #late: History<readonly KeyId[]>
  #lateAt: number | undefined
  #parentAt = 1001
  #parentRead = Number.NEGATIVE_INFINITY
  #made = 0

  constructor(policy: KeyPolicy, random: () => number) {
    this.policy = policy
    this.#random = random
    const {
      zonePropagationSeconds: zone,
      parentPropagationSeconds: parent,
      keyTtlSeconds,
      zoneTtlSeconds,
      dsTtlSeconds,
    } = policy
    this.#dnskey = new History<KeySetVersion>({ keys: [], signers: [] }, zone, keyTtlSeconds)
    this.#ask = new History<Ask>({ announced: [], deletion: false }, zone, keyTtlSeconds)
    this.#ds = new History<readonly KeyId[]>([], parent, dsTtlSeconds)
    this.#early = new History<readonly KeyId[]>([], zone, zoneTtlSeconds)
    this.#late = new History<readonly KeyId[]>([], zone, zoneTtlSeconds)
  }

  /** A zone without keys remembers nothing: before it is signed its TTLs must not just have been made shorter. */
  setTtls(asked: Ttls): void {
    const atLeast = (before: number, after: number): number =>
      this.keys.length === 0 ? Math.max(before, after) : after
    const ttls: Ttls = {
      keyTtlSeconds: atLeast(this.policy.keyTtlSeconds, asked.keyTtlSeconds),
      zoneTtlSeconds: atLeast(this.policy.zoneTtlSeconds, asked.zoneTtlSeconds),
      dsTtlSeconds: atLeast(this.policy.dsTtlSeconds, asked.dsTtlSeconds),
    }
    this.policy = { ...this.policy, ...ttls }
    this.#dnskey.setTtl(ttls.keyTtlSeconds, this.now)
    this.#ask.setTtl(ttls.keyTtlSeconds, this.now)
    this.#ds.setTtl(ttls.dsTtlSeconds, this.now)
    this.#early.setTtl(ttls.zoneTtlSeconds, this.now)
    this.#late.setTtl(ttls.zoneTtlSeconds, this.now)
  }

  get parentDs(): readonly KeyId[] {
    return this.#ds.current
  }

  /** To the next moment at which something happens, but no further than `seconds`. */
  go(seconds: number): void {
    const end = this.now + seconds
    while (this.now < end) {
      const looks = this.plan?.awaits.zone === true || this.plan?.awaits.parent === true
      const poll = looks ? this.now + 1 + this.#upTo(30) : undefined
      const times = [end, this.#lateAt, this.#parentAt, this.plan?.wakeSeconds, poll].filter(
        (time) => time !== undefined,
      )
      const next = Math.min(...times.filter((time) => time > this.now))
      // Sometimes the wake comes late.
      this.now = Math.min(end, this.#random() < 0.2 ? next + this.#upTo(10) : next)
      if (this.#lateAt !== undefined && this.now >= this.#lateAt) this.#signLate()
      if (this.now >= this.#parentAt) this.#parentLooks()
      this.step()
    }
  }

  step(): void {
    const { zone, parent } = { zone: this.#zoneSight(), parent: this.#random() < 0.7 ? this.#parentSight() : undefined }
    const plan = planKeys(
      this.keys,
      this.policy,
      { zone, ...(parent === undefined ? {} : { parent }) },
      this.now,
      this.#create,
    )
    assert.deepEqual(expectOk(parseKeyStates(formatKeyStates(plan.keys)), 'read the states'), plan.keys)
    this.plan = plan
    this.keys = plan.keys
    this.#publish(plan)
    this.#judge()
  }

  #publish({ published, keySigners, zoneSigners, announced, askForDeletion }: KeyPlan): void {
    const dnskey = { keys: published, signers: keySigners }
    if (differs(this.#dnskey.current, dnskey)) this.#dnskey.set(dnskey, this.now)
    const ask = { announced, deletion: askForDeletion }
    if (differs(this.#ask.current, ask)) this.#ask.set(ask, this.now)
    if (differs(this.#early.current, zoneSigners)) {
      this.#early.set(zoneSigners, this.now)
      this.#lateAt ??= this.now + this.#upTo(30)
    }
  }

  #signLate(): void {
    this.#lateAt = undefined
    this.#late.set(this.#early.current, this.now)
  }

  #zoneSight() {
    const [early, late] = [this.#early.current, this.#late.current]
    return {
      dnskeys: new Set(this.#dnskey.current.keys),
      keySigners: new Set(this.#dnskey.current.signers),
      signersOfAll: new Set(early.filter((id) => late.includes(id))),
      signersOfSome: new Set([...early, ...late]),
    }
  }

  #parentSight() {
    const shown = this.#ds.served(this.now).map(({ value }) => value)
    const asked = shown.filter((_, i) => i === shown.length - 1 || this.#random() < 0.5)
    const all = (asked[0] ?? []).filter((id) => asked.every((ids) => ids.includes(id)))
    return { shownByAll: new Set(all), shownBySome: new Set(asked.flat()) }
  }

  /** The parent acts upon what it reads, from a server or a cache that may lag, but never upon something older than before. */
  #parentLooks(): void {
    this.#parentAt = this.now + 1 + this.#upTo(60)
    const held = this.#ask.oldest(this.now)
    const at = Math.max(this.#parentRead, this.now - this.#upTo(this.now - held))
    this.#parentRead = at
    const read = this.#ask.versions.findLast(({ from }) => from <= at)?.value
    if (read === undefined) return
    if (read.deletion && this.#ds.current.length > 0) this.#ds.set([], this.now)
    if (read.announced.length > 0 && differs(this.#ds.current, read.announced)) this.#ds.set(read.announced, this.now)
  }

  #judge(): void {
    for (const ds of this.#ds.cached(this.now)) {
      for (const dnskey of this.#dnskey.cached(this.now)) {
        for (const signers of [...this.#early.cached(this.now), ...this.#late.cached(this.now)]) {
          const reason = judgeChain(ds, dnskey, signers)
          if (reason === undefined) continue
          const held = JSON.stringify({ ds, dnskey, signers, now: this.now })
          assert.fail(`${reason}: ${held}\n${formatKeyStates(this.keys)}`)
        }
      }
    }
  }

  readonly #create: CreateKey = (algorithm, flags, avoidTags) => {
    this.generations++
    for (;;) {
      this.#made++
      const publicKey = new Uint8Array([this.#made >>> 8, this.#made & 0xff, 1])
      const key: DnskeyData = { flags, protocol: 3, algorithm, publicKey }
      if (!avoidTags.has(keyTag(key))) return key
    }
  }

  #upTo(seconds: number): number {
    return Math.floor(this.#random() * (seconds + 1))
  }
}

const differs = (a: unknown, b: unknown): boolean => JSON.stringify(a) !== JSON.stringify(b)

const seconds = (max: number): fc.Arbitrary<number> => fc.integer({ min: 1, max })
const policies: fc.Arbitrary<KeyPolicy> = fc.record({
  signed: fc.constant(true),
  algorithm: fc.constantFrom(8, 13, 15),
  roles: fc.constantFrom('csk' as const, 'ksk-and-zsk' as const),
  lifetimeSeconds: fc.record({ ksk: seconds(2000), zsk: seconds(800), csk: seconds(1500) }, { requiredKeys: [] }),
  digestTypes: fc.constant([2 as const]),
  zonePropagationSeconds: seconds(30),
  parentPropagationSeconds: seconds(60),
  keyTtlSeconds: seconds(60),
  zoneTtlSeconds: seconds(100),
  dsTtlSeconds: seconds(100),
  safetySeconds: fc.constant(0),
})

type Command =
  | { readonly do: 'wait'; readonly seconds: number }
  | { readonly do: 'retire'; readonly which: number }
  | { readonly do: 'algorithm'; readonly algorithm: number }
  | { readonly do: 'roles'; readonly roles: KeyPolicy['roles'] }
  | { readonly do: 'signed'; readonly signed: boolean }
  | { readonly do: 'ttls'; readonly ttls: Ttls }

type Ttls = Pick<KeyPolicy, 'keyTtlSeconds' | 'zoneTtlSeconds' | 'dsTtlSeconds'>
const ttls: fc.Arbitrary<Ttls> = fc.record({
  keyTtlSeconds: seconds(60),
  zoneTtlSeconds: seconds(100),
  dsTtlSeconds: seconds(100),
})

const commands: fc.Arbitrary<readonly Command[]> = fc.array(
  fc.oneof(
    { weight: 5, arbitrary: fc.record({ do: fc.constant('wait' as const), seconds: seconds(400) }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constant('retire' as const), which: fc.nat(5) }) },
    {
      weight: 2,
      arbitrary: fc.record({ do: fc.constant('algorithm' as const), algorithm: fc.constantFrom(8, 13, 15) }),
    },
    {
      weight: 1,
      arbitrary: fc.record({
        do: fc.constant('roles' as const),
        roles: fc.constantFrom('csk' as const, 'ksk-and-zsk' as const),
      }),
    },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('signed' as const), signed: fc.boolean() }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('ttls' as const), ttls }) },
  ),
  { maxLength: 25 },
)

test('whatever is asked of the keys, and whenever: every combination that a cache may hold has a chain', () => {
  let rollovers = 0
  let secure = 0
  fc.assert(
    fc.property(policies, commands, fc.integer(), (policy, script, seed) => {
      const world = new World(policy, randomOf(seed))
      world.step()
      for (const command of script) {
        switch (command.do) {
          case 'wait':
            world.go(command.seconds)
            break
          case 'retire':
            world.keys = retireKey(
              world.keys,
              world.keys[command.which % Math.max(world.keys.length, 1)]?.id ?? '',
              world.now,
            )
            break
          case 'algorithm':
            world.policy = { ...world.policy, algorithm: command.algorithm }
            break
          case 'roles':
            world.policy = { ...world.policy, roles: command.roles }
            break
          case 'signed':
            world.policy = { ...world.policy, signed: command.signed }
            break
          case 'ttls':
            world.setTtls(command.ttls)
        }
        world.step()
      }
      // Left alone, all comes to rest as the policy says.
      world.policy = { ...world.policy, lifetimeSeconds: {} }
      world.go(5000)
      const { keys } = world
      const roles = !world.policy.signed ? [] : world.policy.roles === 'csk' ? ['csk'] : ['ksk', 'zsk']
      const message = `${formatKeyStates(keys)} ${JSON.stringify(world.policy)} parent ${world.parentDs.join()}`
      assert.deepEqual(keys.map(({ role }) => role).sort(), roles, message)
      for (const { goal, records, dnskey } of keys) {
        assert.equal(dnskey.algorithm, world.policy.algorithm, message)
        assert.equal(goal, 'present', message)
        for (const place of Object.values(records)) assert.equal(place.state, 'omnipresent', message)
      }
      assert.deepEqual(
        world.parentDs,
        keys.filter(({ role }) => role !== 'zsk').map(({ id }) => id),
        message,
      )
      rollovers += world.generations - roles.length
      if (world.parentDs.length > 0) secure++
    }),
    { numRuns: 250 },
  )
  assert.ok(rollovers > 250 && secure > 60)
})

const ALGORITHMS = createAlgorithms()
const POLICY: KeyPolicy = {
  ...DEFAULT_KEY_POLICY,
  zonePropagationSeconds: 10,
  parentPropagationSeconds: 20,
  keyTtlSeconds: 100,
  zoneTtlSeconds: 1000,
  dsTtlSeconds: 500,
  safetySeconds: 5,
  lifetimeSeconds: {},
}

/** A real zone with real keys; the parent does at once what CDS says, when it is let. */
function realZone(start: KeyPolicy) {
  const privateKeys = new Map<KeyId, SigningKey>()
  const create: CreateKey = (algorithm, flags, avoidTags) => {
    const key = makeKey(algorithm, { flags, avoidTags })
    privateKeys.set(keyId(key.dnskey), key)
    return key.dnskey
  }
  const find = (id: KeyId): SigningKey => privateKeys.get(id) ?? assert.fail(`no key ${id}`)
  const state = {
    now: 1_000_000,
    policy: start,
    keys: [] as readonly ZoneKeyState[],
    zone: exampleZone(),
    ds: [] as readonly Uint8Array[],
    parentActs: true,
  }
  const step = (): KeyPlan => {
    const parent = seeParent(ORIGIN, state.keys, [state.ds], ALGORITHMS)
    const sights = { zone: seeZone(state.zone), ...(parent === undefined ? {} : { parent }) }
    const plan = planKeys(state.keys, state.policy, sights, state.now, create)
    state.keys = plan.keys
    const zoneKeys = zoneKeysOf(ORIGIN, plan, state.policy, find)
    const moment = { keys: zoneKeys, policy: DEFAULT_SIGNING_POLICY, nowSeconds: state.now, random: () => 0 }
    const { due } = dueSignatures(state.zone, moment)
    state.zone = expectOk(
      due.length > 0 || plan.finished.length > 0 ? resign(state.zone, due, moment) : signZone(state.zone, moment),
      'sign',
    ).zone
    if (state.parentActs && zoneKeys.cds.length > 0) {
      state.ds = plan.askForDeletion ? [] : zoneKeys.cds.map((ds) => encodeRdata(DS, ds))
    }
    return plan
  }
  /** Until nothing but time is awaited, and then to the wake. */
  const next = (): KeyPlan => {
    let plan = step()
    for (let i = 0; i < 5 && (plan.awaits.zone || (plan.awaits.parent && state.parentActs)); i++) plan = step()
    state.now = plan.wakeSeconds ?? state.now + 100
    return plan
  }
  return { state, step, next, find }
}

/** `role:dnskey/krrsig/zrrsig/ds` of each key, by the first letters of the states. */
const summary = (keys: readonly ZoneKeyState[]): readonly string[] =>
  keys.map(({ role, records }) => {
    const letters = (['dnskey', 'krrsig', 'zrrsig', 'ds'] as const).map((record) => records[record]?.state[0] ?? '-')
    return `${role}:${letters.join('')}`
  })

function run(world: ReturnType<typeof realZone>, until: (keys: readonly ZoneKeyState[]) => boolean): readonly string[] {
  const seen: string[] = []
  for (let i = 0; i < 40; i++) {
    const { keys } = world.next()
    const text: string = summary(keys).join(' ')
    if (seen.at(-1) !== text) seen.push(text)
    if (until(keys)) return seen
  }
  return assert.fail(seen.join('\n'))
}

const settled = (keys: readonly ZoneKeyState[]): boolean =>
  keys.every(
    ({ goal, records }) => goal === 'present' && Object.values(records).every(({ state }) => state === 'omnipresent'),
  )

test('first keys: the DS is asked for when all caches can follow it', () => {
  const world = realZone(POLICY)
  assert.deepEqual(run(world, settled), [
    'ksk:rr-h zsk:r-r-',
    'ksk:oo-h zsk:o-r-',
    'ksk:oo-r zsk:o-o-',
    'ksk:oo-o zsk:o-o-',
  ])
})

test('a ZSK is published before it signs, and goes after its signatures', () => {
  const world = realZone(POLICY)
  run(world, settled)
  const zsk = world.state.keys.find(({ role }) => role === 'zsk')
  world.state.keys = retireKey(world.state.keys, zsk?.id ?? '', world.state.now)
  assert.deepEqual(run(world, settled), [
    'ksk:oo-o zsk:o-o- zsk:r-h-',
    'ksk:oo-o zsk:o-u- zsk:o-r-',
    'ksk:oo-o zsk:u-h- zsk:o-o-',
    'ksk:oo-o zsk:o-o-',
  ])
})

test('a KSK signs beside the old one before the DS changes; the old one waits for the parent', () => {
  const world = realZone(POLICY)
  run(world, settled)
  const ksk = world.state.keys.find(({ role }) => role === 'ksk')
  world.state.keys = retireKey(world.state.keys, ksk?.id ?? '', world.state.now)
  world.next()
  world.state.parentActs = false
  for (let i = 0; i < 50; i++) world.next()
  assert.deepEqual(summary(world.state.keys), ['ksk:oo-u', 'zsk:o-o-', 'ksk:oo-r'])
  assert.equal(world.step().awaits.parent, true)
  world.state.parentActs = true
  assert.deepEqual(run(world, settled).slice(-3), [
    'ksk:oo-u zsk:o-o- ksk:oo-r',
    'ksk:uu-h zsk:o-o- ksk:oo-o',
    'zsk:o-o- ksk:oo-o',
  ])
})

test('a new algorithm: first its signatures, then its keys, then its DS; the old one goes the other way', () => {
  const world = realZone(POLICY)
  run(world, settled)
  world.state.policy = { ...POLICY, algorithm: 15, roles: 'csk' }
  assert.deepEqual(run(world, settled), [
    'ksk:oo-o zsk:o-o- csk:hhrh',
    'ksk:oo-o zsk:o-o- csk:rroh',
    'ksk:oo-u zsk:o-o- csk:ooor',
    'ksk:oo-u zsk:o-o- csk:oooo',
    'ksk:uu-h zsk:u-o- csk:oooo',
    'zsk:h-u- csk:oooo',
    'csk:oooo',
  ])
})

test('a zone becomes unsigned by way of the parent: CDS and CDNSKEY ask for deletion first', () => {
  const world = realZone({ ...POLICY, roles: 'csk' })
  run(world, settled)
  assert.equal(world.state.ds.length, 1)
  world.state.policy = { ...POLICY, roles: 'csk', signed: false }
  world.state.parentActs = false
  const plan = world.step()
  assert.equal(plan.askForDeletion, true)
  const keys = zoneKeysOf(ORIGIN, plan, POLICY, (id) => world.find(id))
  assert.deepEqual(keys.cds, [{ keyTag: 0, algorithm: 0, digestType: 0, digest: new Uint8Array(1) }])
})

test('age: the next key is made so early that it is known when the time of the first is over', () => {
  const world = realZone({ ...POLICY, lifetimeSeconds: { zsk: 10_000 } })
  run(world, settled)
  const first = world.state.keys.find(({ role }) => role === 'zsk')
  const active = first?.activeSeconds ?? 0
  assert.equal(world.state.now, active + 10_000 - 115) // where the wake has led
  world.state.now--
  assert.equal(world.step().keys.length, 2)
  world.state.now++
  assert.equal(world.step().keys.length, 3)
  run(world, settled)
  const second = world.state.keys.find(({ role }) => role === 'zsk')
  assert.ok(second !== undefined && second.id !== first?.id)
  assert.equal(second.activeSeconds, active + 10_000)
})

test('an adopted key goes on where it stands', () => {
  const key = makeKey(13, { flags: 257 })
  const policy: KeyPolicy = { ...POLICY, roles: 'csk' }
  const unused: CreateKey = () => assert.fail('no key is to be made')
  for (const hasDs of [true, false]) {
    const adopted = adoptKey(key.dnskey, 'csk', 1000, hasDs)
    const plan = planKeys([adopted], policy, {}, 1000, unused)
    assert.deepEqual(plan.announced, [keyId(key.dnskey)])
    assert.equal(plan.keys[0]?.records.ds?.state, hasDs ? 'omnipresent' : 'rumoured')
  }
})

test('what the parent shows counts if every server shows it, and a wrong digest does not count', () => {
  const key = makeKey(13, { flags: 257 })
  const adopted = [adoptKey(key.dnskey, 'csk', 1000, false)]
  const right = encodeRdata(DS, makeDs(ORIGIN, key.dnskey))
  const wrong = right.map((octet, i) => (i === right.length - 1 ? octet ^ 1 : octet))
  const id = keyId(key.dnskey)
  const cases: readonly (readonly [readonly (readonly Uint8Array[])[], boolean, boolean])[] = [
    [[[right], [right]], true, true],
    [[[right], []], false, true],
    [[[wrong]], false, false],
    [[[new Uint8Array(2)]], false, false],
  ]
  for (const [answers, all, some] of cases) {
    const sight = seeParent(ORIGIN, adopted, answers, ALGORITHMS)
    assert.equal(sight?.shownByAll.has(id), all)
    assert.equal(sight?.shownBySome.has(id), some)
  }
  assert.equal(seeParent(ORIGIN, adopted, [], ALGORITHMS), undefined)
})

const BROKEN: readonly string[] = [
  '',
  '[]',
  '{}',
  '{"version":2,"keys":[]}',
  '{"version":1,"keys":{}}',
  '{"version":1,"keys":[1]}',
]
for (const text of BROKEN) test(`refuses key states: ${text}`, () => assert.equal(parseKeyStates(text).ok, false))

test('refuses key states with any field broken or left out', () => {
  const key = { ...adoptKey(makeKey(15, { flags: 257 }).dnskey, 'csk', 1000, true), retireSeconds: 5 }
  const whole = JSON.parse(formatKeyStates([key])) as { keys: Record<string, unknown>[] } // as formatKeyStates writes it
  const [row] = whole.keys
  assert.ok(row !== undefined)
  for (const field of Object.keys(row)) {
    for (const value of [undefined, null, 'x', -1, {}]) {
      if (value === undefined && (field === 'activeSeconds' || field === 'retireSeconds')) continue
      const text: string = JSON.stringify({ ...whole, keys: [{ ...row, [field]: value }] })
      assert.equal(parseKeyStates(text).ok, false, `${field} ${JSON.stringify(value)}`)
    }
  }
  assert.equal(parseKeyStates(JSON.stringify({ ...whole, keys: [row, row] })).ok, false)
})

/** Numbers from 0 to below 1, the same for the same seed. */
function randomOf(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state / 0x100000000
  }
}
