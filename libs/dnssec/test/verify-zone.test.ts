import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import {
  A,
  CDNSKEY,
  CDS,
  decodeRdata,
  DNSKEY,
  editZone,
  encodeRdata,
  findHashedNode,
  findNode,
  formatZone,
  type Name,
  NSEC,
  NSEC3,
  type NsecData,
  type Nsec3Data,
  NSEC3PARAM,
  parseName,
  parseZone,
  ROOT,
  type RRset,
  RRSIG,
  rrsetRecords,
  signatureSlot,
  type Zone,
  type ZoneEditor,
  type ZoneNode,
} from '@scop/dns'
import { expectOk } from '@scop/result'
import {
  createAlgorithms,
  DEFAULT_SIGNING_POLICY,
  DNSSEC_LIMITS,
  KEY_FLAG,
  makeDs,
  makeKey,
  type SigningPolicy,
  signRrset,
  signZone,
  verifyZone,
  verifyZoneInSteps,
  type ZoneFinding,
  type ZoneKeys,
} from '../src/index.ts'
import { DENIALS, exampleZone, oneKey, ORIGIN, twoKeys } from './example-zone.ts'
import { name, VECTORS } from './vectors.ts'

const ALGORITHMS = createAlgorithms()
const NOW = Math.floor(Date.now() / 1000)
const KEYS = twoKeys(13)
const OPTIONS = { algorithms: ALGORITHMS, nowSeconds: NOW }

const signed = (policy: SigningPolicy, keys: ZoneKeys = KEYS, nowSeconds = NOW): Zone =>
  expectOk(signZone(exampleZone(), { keys, policy, nowSeconds, random: () => 0 }), 'sign').zone

for (const [denial, policy] of DENIALS) {
  for (const keys of [oneKey(13), twoKeys(15), oneKey(8)]) {
    for (const zonemdHash of [undefined, 1]) {
      test(`finds nothing in a zone with ${denial}, ${keys.dnskeys.length} keys, ${zonemdHash === undefined ? 'no' : 'a'} digest`, () => {
        const [ksk] = keys.keySigners
        assert.ok(ksk !== undefined)
        const withCds = {
          ...keys,
          cds: [makeDs(ORIGIN, ksk.dnskey), makeDs(ORIGIN, ksk.dnskey, 4)],
          cdnskeys: [ksk.dnskey],
        }
        const zone = signed(zonemdHash === undefined ? policy : { ...policy, zonemdHash }, withCds)
        const verdict = verifyZone(zone, { ...OPTIONS, ds: withCds.cds })
        assert.deepEqual(verdict.findings, [])
        assert.equal(verdict.validUntilSeconds, NOW + policy.signatureSeconds)
        assert.ok(verdict.signatures > 20)
      })
    }
  }
}

type Broken = {
  readonly what: string
  readonly denial?: number
  readonly keys?: ZoneKeys
  readonly break: (editor: ZoneEditor, zone: Zone, keys: ZoneKeys) => void
  readonly finds: ZoneFinding['kind']
  /** Tools of others that find it too, where they are installed. */
  readonly also: readonly string[]
}
const DNSSEC_VERIFY = 'dnssec-verify'
const LDNS = 'ldns-verify-zone'
const KNOT = 'kzonecheck'
const ALL = [DNSSEC_VERIFY, LDNS, KNOT]

const removeSet = (editor: ZoneEditor, node: ZoneNode | undefined, slot: number): void => {
  const rrset = node?.rrsets.get(slot)
  assert.ok(node !== undefined && rrset !== undefined)
  for (const record of rrsetRecords(node.name, rrset)) assert.ok(editor.remove(record))
}
const addSet = (editor: ZoneEditor, owner: Name, rrset: RRset): void => {
  for (const record of rrsetRecords(owner, rrset)) assert.equal(editor.add(record), undefined)
}
/** Replaces an RRset and signs it rightly. */
const replace = (editor: ZoneEditor, node: ZoneNode | undefined, rrset: RRset, keys: ZoneKeys): void => {
  assert.ok(node !== undefined)
  if (node.rrsets.has(rrset.type)) removeSet(editor, node, rrset.type)
  if (node.rrsets.has(signatureSlot(rrset.type))) removeSet(editor, node, signatureSlot(rrset.type))
  addSet(editor, node.name, rrset)
  addSigned(editor, node.name, rrset, keys)
}
const addSigned = (
  editor: ZoneEditor,
  owner: Name,
  rrset: RRset,
  keys: ZoneKeys,
  from = NOW - 10,
  until = NOW + 1000,
): void => {
  const signers = [DNSKEY.code, CDS.code, CDNSKEY.code].includes(rrset.type) ? keys.keySigners : keys.zoneSigners
  const made = signRrset(owner, rrset, signers, { signer: ORIGIN, inceptionSeconds: from, expirationSeconds: until })
  addSet(editor, owner, {
    type: RRSIG.code,
    ttlSeconds: rrset.ttlSeconds,
    rdatas: made.map((rrsig) => encodeRdata(RRSIG, rrsig)),
  })
}
const at = (zone: Zone, text: string): ZoneNode | undefined => findNode(zone, name(text))
const changeNsec = (editor: ZoneEditor, zone: Zone, text: string, keys: ZoneKeys, change: Partial<NsecData>): void => {
  const node = at(zone, text)
  const rrset = node?.rrsets.get(NSEC.code)
  assert.ok(rrset?.rdatas[0] !== undefined)
  const data = expectOk(decodeRdata(NSEC, rrset.rdatas[0]), 'read')
  replace(editor, node, { ...rrset, rdatas: [encodeRdata(NSEC, { ...data, ...change })] }, keys)
}
const hashedAt = (zone: Zone, index: number): ZoneNode => {
  const node = findHashedNode(zone, zone.hashedOrder.at(index) ?? ORIGIN)
  assert.ok(node !== undefined)
  return node
}
const changeNsec3 = (
  editor: ZoneEditor,
  node: ZoneNode,
  keys: ZoneKeys,
  change: (data: Nsec3Data) => Partial<Nsec3Data>,
): void => {
  const rrset = node.rrsets.get(NSEC3.code)
  assert.ok(rrset?.rdatas[0] !== undefined)
  const data = expectOk(decodeRdata(NSEC3, rrset.rdatas[0]), 'read')
  replace(editor, node, { ...rrset, rdatas: [encodeRdata(NSEC3, { ...data, ...change(data) })] }, keys)
}
const setApex = (editor: ZoneEditor, zone: Zone, type: number, rdatas: readonly Uint8Array[], keys: ZoneKeys): void =>
  replace(editor, findNode(zone, ORIGIN), { type, ttlSeconds: 3600, rdatas }, keys)
const STRANGER = makeKey(13, { flags: 257, avoidTags: new Set(KEYS.keySigners.map(({ keyTag }) => keyTag)) })

const BROKEN: readonly Broken[] = [
  {
    what: 'no DNSKEY',
    break: (editor, zone) => removeSet(editor, findNode(zone, ORIGIN), DNSKEY.code),
    finds: 'no-dnskey',
    also: [DNSSEC_VERIFY, LDNS],
  },
  {
    what: 'a signature left out',
    break: (editor, zone) => removeSet(editor, at(zone, 'zz.example.org'), signatureSlot(1)),
    finds: 'signature-missing',
    also: ALL,
  },
  {
    what: 'a signature with one bit changed',
    break: (editor, zone) => {
      const node = at(zone, 'zz.example.org')
      const rrset = node?.rrsets.get(signatureSlot(1))
      assert.ok(node !== undefined && rrset?.rdatas[0] !== undefined)
      removeSet(editor, node, signatureSlot(1))
      addSet(editor, node.name, {
        ...rrset,
        rdatas: [rrset.rdatas[0].map((octet, i, all) => (i === all.length - 1 ? octet ^ 1 : octet))],
      })
    },
    finds: 'signature-refused',
    also: ALL,
  },
  {
    what: 'data that were changed after signing',
    break: (editor, zone) => {
      const node = at(zone, 'zz.example.org')
      removeSet(editor, node, 1)
      addSet(editor, name('zz.example.org'), { type: 1, ttlSeconds: 3600, rdatas: [new Uint8Array([192, 0, 2, 98])] })
    },
    finds: 'signature-refused',
    also: ALL,
  },
  {
    what: 'a signature that has ended',
    break: (editor, zone, keys) => {
      const node = at(zone, 'zz.example.org')
      const rrset = node?.rrsets.get(A.code)
      assert.ok(node !== undefined && rrset !== undefined)
      removeSet(editor, node, signatureSlot(1))
      addSigned(editor, node.name, rrset, keys, NOW - 2000, NOW - 1000)
    },
    finds: 'signature-refused',
    also: ALL,
  },
  {
    what: 'a signature of a key that is not there',
    break: (editor, zone) => {
      const node = at(zone, 'zz.example.org')
      const rrset = node?.rrsets.get(A.code)
      assert.ok(node !== undefined && rrset !== undefined)
      removeSet(editor, node, signatureSlot(1))
      addSigned(editor, node.name, rrset, { ...KEYS, zoneSigners: [STRANGER] })
    },
    finds: 'signature-of-unknown-key',
    also: ALL,
  },
  {
    what: 'a DNSKEY of another algorithm, which signs nothing',
    break: (editor, zone, keys) => {
      const other = makeKey(15, { flags: 256 })
      setApex(
        editor,
        zone,
        DNSKEY.code,
        [...keys.dnskeys, other.dnskey].map((key) => encodeRdata(DNSKEY, key)),
        keys,
      )
    },
    finds: 'signature-missing',
    also: [],
  },
  {
    what: 'another TTL than was signed',
    break: (editor, zone) => {
      editor.setTtl(name('zz.example.org'), A.code, 60)
      editor.setTtl(name('zz.example.org'), signatureSlot(1), 60)
      assert.ok(at(zone, 'zz.example.org') !== undefined)
    },
    finds: 'signature-refused',
    also: [],
  },
  {
    what: 'a signature with a TTL of its own',
    break: (editor) => editor.setTtl(name('zz.example.org'), signatureSlot(1), 60),
    finds: 'signature-ttl-differs',
    also: [],
  },
  {
    what: 'a signature over what is not there',
    break: (editor, zone) => removeSet(editor, at(zone, 'mail.example.org'), 28),
    finds: 'signature-of-nothing',
    also: [DNSSEC_VERIFY, KNOT],
  },
  {
    what: 'a signature over glue',
    break: (editor, zone, keys) => {
      const rrset = at(zone, 'ns.secure.example.org')?.rrsets.get(A.code)
      assert.ok(rrset !== undefined)
      addSigned(editor, name('ns.secure.example.org'), rrset, keys)
    },
    finds: 'signature-not-wanted',
    also: [LDNS, KNOT],
  },
  {
    what: 'no NSEC at a name',
    break: (editor, zone) => {
      removeSet(editor, at(zone, 'zz.example.org'), NSEC.code)
      removeSet(editor, at(zone, 'zz.example.org'), signatureSlot(NSEC.code))
    },
    finds: 'nsec-missing',
    also: ALL,
  },
  {
    what: 'an NSEC that passes over a name',
    break: (editor, zone, keys) =>
      changeNsec(editor, zone, 'secure.example.org', keys, { next: name('zz.example.org') }),
    finds: 'nsec-next-wrong',
    also: ALL,
  },
  {
    what: 'an NSEC that lists a type too many',
    break: (editor, zone, keys) => changeNsec(editor, zone, 'zz.example.org', keys, { types: [1, 15, 46, 47] }),
    finds: 'nsec-types-wrong',
    also: [DNSSEC_VERIFY, KNOT],
  },
  {
    what: 'an NSEC that lists a type too few',
    break: (editor, zone, keys) => changeNsec(editor, zone, 'mail.example.org', keys, { types: [1, 46, 47] }),
    finds: 'nsec-types-wrong',
    also: [DNSSEC_VERIFY, KNOT],
  },
  {
    what: 'an NSEC on glue',
    break: (editor, zone, keys) => {
      const rrset = {
        type: NSEC.code,
        ttlSeconds: 300,
        rdatas: [encodeRdata(NSEC, { next: name('zz.example.org'), types: [1, 46, 47] })],
      }
      addSet(editor, name('ns.secure.example.org'), rrset)
      addSigned(editor, name('ns.secure.example.org'), rrset, keys)
      assert.ok(zone.order.size > 0)
    },
    finds: 'nsec-not-wanted',
    also: [LDNS],
  },
  {
    what: 'two NSECs at a name',
    break: (editor, zone, keys) => {
      const node = at(zone, 'zz.example.org')
      const rrset = node?.rrsets.get(NSEC.code)
      assert.ok(rrset !== undefined)
      const other = encodeRdata(NSEC, { next: name('a.example.org'), types: [1, 46, 47] })
      replace(editor, node, { ...rrset, rdatas: [...rrset.rdatas, other] }, keys)
    },
    finds: 'nsec-repeated',
    also: [KNOT],
  },
  {
    what: 'no NSEC3 for a name',
    denial: 1,
    break: (editor, zone) => {
      removeSet(editor, hashedAt(zone, 3), NSEC3.code)
      removeSet(editor, hashedAt(zone, 3), signatureSlot(NSEC3.code))
    },
    finds: 'nsec3-missing',
    also: ALL,
  },
  {
    what: 'an NSEC3 that leads back to itself',
    denial: 1,
    break: (editor, zone, keys) =>
      changeNsec3(editor, hashedAt(zone, 2), keys, ({ nextHash }) => ({
        nextHash: nextHash.map((octet, i) => (i === 19 ? octet ^ 1 : octet)),
      })),
    finds: 'nsec3-next-wrong',
    also: ALL,
  },
  {
    what: 'an NSEC3 with other types',
    denial: 1,
    break: (editor, zone, keys) =>
      changeNsec3(editor, hashedAt(zone, 2), keys, ({ types }) => ({ types: [...types, 99] })),
    finds: 'nsec3-types-wrong',
    also: [DNSSEC_VERIFY, KNOT],
  },
  {
    what: 'an NSEC3 with another salt',
    denial: 1,
    break: (editor, zone, keys) => changeNsec3(editor, hashedAt(zone, 2), keys, () => ({ salt: new Uint8Array([1]) })),
    finds: 'nsec3-parameters-differ',
    also: [DNSSEC_VERIFY, KNOT],
  },
  {
    what: 'an NSEC3 of no name',
    denial: 1,
    break: (editor, zone, keys) => {
      const rrset = hashedAt(zone, 0).rrsets.get(NSEC3.code)
      assert.ok(rrset !== undefined)
      const owner = name(`${'0'.repeat(32)}.example.org`)
      addSet(editor, owner, rrset)
      addSigned(editor, owner, rrset, keys)
    },
    finds: 'nsec3-of-no-name',
    also: [DNSSEC_VERIFY],
  },
  {
    what: 'an NSEC3 whose owner is no hash',
    denial: 1,
    break: (editor, zone, keys) => {
      const rrset = hashedAt(zone, 0).rrsets.get(NSEC3.code)
      assert.ok(rrset !== undefined)
      addSet(editor, name('no-hash.example.org'), rrset)
      addSigned(editor, name('no-hash.example.org'), rrset, keys)
    },
    finds: 'nsec3-owner-malformed',
    also: [],
  },
  {
    what: 'an insecure delegation without NSEC3, and no opt-out',
    denial: 2,
    break: (editor, zone, keys) => {
      for (let i = 0; i < zone.hashedOrder.size; i++) changeNsec3(editor, hashedAt(zone, i), keys, () => ({ flags: 0 }))
    },
    finds: 'nsec3-missing',
    also: [LDNS, KNOT],
  },
  {
    what: 'neither NSEC nor NSEC3PARAM',
    denial: 1,
    break: (editor, zone) => {
      removeSet(editor, findNode(zone, ORIGIN), NSEC3PARAM.code)
      removeSet(editor, findNode(zone, ORIGIN), signatureSlot(NSEC3PARAM.code))
    },
    finds: 'no-denial',
    also: [DNSSEC_VERIFY],
  },
  {
    what: 'an NSEC3PARAM of another hash',
    denial: 1,
    break: (editor, zone, keys) => setApex(editor, zone, NSEC3PARAM.code, [new Uint8Array([2, 0, 0, 0, 0])], keys),
    finds: 'nsec3param-malformed',
    also: [],
  },
  {
    what: 'more iterations than are checked',
    denial: 1,
    break: (editor, zone, keys) => setApex(editor, zone, NSEC3PARAM.code, [new Uint8Array([1, 0, 0, 151, 0])], keys),
    finds: 'nsec3-iterations',
    also: [DNSSEC_VERIFY],
  },
  {
    what: 'a DS beside no NS',
    break: (editor, zone, keys) => {
      const rrset = { type: 43, ttlSeconds: 60, rdatas: [new Uint8Array(36).fill(1)] }
      addSet(editor, name('mail.example.org'), rrset)
      addSigned(editor, name('mail.example.org'), rrset, keys)
      changeNsec(editor, zone, 'mail.example.org', keys, { types: [1, 28, 43, 46, 47] })
    },
    finds: 'ds-without-delegation',
    also: [],
  },
  {
    what: 'a CDS of no key',
    break: (editor, zone, keys) =>
      setApex(editor, zone, CDS.code, [encodeRdata(CDS, makeDs(ORIGIN, STRANGER.dnskey))], keys),
    finds: 'cds-of-no-key',
    also: [KNOT],
  },
  {
    what: 'a CDS of a key that does not sign the keys',
    break: (editor, zone, keys) =>
      setApex(
        editor,
        zone,
        CDS.code,
        keys.zoneSigners.map(({ dnskey }) => encodeRdata(CDS, makeDs(ORIGIN, dnskey))),
        keys,
      ),
    finds: 'cds-not-signed-by-its-key',
    also: [],
  },
  {
    what: 'CDS and CDNSKEY of different keys',
    break: (editor, zone, keys) => {
      setApex(
        editor,
        zone,
        CDS.code,
        keys.keySigners.map(({ dnskey }) => encodeRdata(CDS, makeDs(ORIGIN, dnskey))),
        keys,
      )
      setApex(
        editor,
        zone,
        CDNSKEY.code,
        keys.zoneSigners.map(({ dnskey }) => encodeRdata(CDNSKEY, dnskey)),
        keys,
      )
    },
    finds: 'cds-and-cdnskey-differ',
    also: [KNOT],
  },
  {
    what: 'a CDS that asks for deletion and for a key',
    break: (editor, zone, keys) =>
      setApex(
        editor,
        zone,
        CDS.code,
        [
          new Uint8Array([0, 0, 0, 0, 0]),
          ...keys.keySigners.map(({ dnskey }) => encodeRdata(CDS, makeDs(ORIGIN, dnskey))),
        ],
        keys,
      ),
    finds: 'cds-deletion-not-alone',
    also: [KNOT],
  },
  {
    what: 'a CDS below the apex',
    break: (editor, zone, keys) => {
      const rrset = { type: CDS.code, ttlSeconds: 60, rdatas: [new Uint8Array([0, 0, 0, 0, 0])] }
      addSet(editor, name('mail.example.org'), rrset)
      addSigned(editor, name('mail.example.org'), rrset, keys)
      changeNsec(editor, zone, 'mail.example.org', keys, { types: [1, 28, 46, 47, 59] })
    },
    finds: 'cds-not-at-apex',
    also: [],
  },
  {
    what: 'a ZONEMD of something else',
    break: (editor, zone, keys) => {
      setApex(editor, zone, 63, [new Uint8Array(54).fill(1)], keys)
      changeNsec(editor, zone, 'example.org', keys, { types: [2, 6, 15, 16, 46, 47, 48, 63] })
    },
    finds: 'zonemd-refused',
    also: [],
  },
  {
    what: 'a DNSKEY below the apex',
    break: (editor, zone, keys) => {
      const rrset = { type: DNSKEY.code, ttlSeconds: 60, rdatas: [encodeRdata(DNSKEY, STRANGER.dnskey)] }
      addSet(editor, name('mail.example.org'), rrset)
      addSigned(editor, name('mail.example.org'), rrset, { ...keys, keySigners: keys.zoneSigners })
      changeNsec(editor, zone, 'mail.example.org', keys, { types: [1, 28, 46, 47, 48] })
    },
    finds: 'dnskey-not-at-apex',
    also: [],
  },
  {
    what: 'a denial with a longer TTL',
    break: (editor, zone, keys) => {
      const node = at(zone, 'zz.example.org')
      const rrset = node?.rrsets.get(NSEC.code)
      assert.ok(rrset !== undefined)
      replace(editor, node, { ...rrset, ttlSeconds: 3600 }, keys)
    },
    finds: 'denial-ttl-differs',
    also: [],
  },
]

const TOOLS: Readonly<Record<string, (file: string) => readonly string[]>> = {
  [DNSSEC_VERIFY]: (file) => ['-o', 'example.org', file],
  [LDNS]: (file) => [file],
  [KNOT]: (file) => ['-d', 'on', '-o', 'example.org', file],
}
const installed = new Map(Object.keys(TOOLS).map((tool) => [tool, spawnSync(tool, ['-h']).error === undefined]))

for (const { what, denial = 0, keys = KEYS, break: breakIt, finds, also } of BROKEN) {
  const zoneOf = (): Zone => {
    const zone = signed(DENIALS[denial]?.[1] ?? DEFAULT_SIGNING_POLICY, keys)
    const editor = editZone(zone)
    breakIt(editor, zone, keys)
    return expectOk(editor.finish(), 'break')
  }
  test(`finds ${what}: ${finds}`, () => {
    const { findings } = verifyZone(zoneOf(), OPTIONS)
    assert.ok(
      findings.some(({ kind }) => kind === finds),
      JSON.stringify(findings.map(({ kind, detail }) => [kind, detail])),
    )
    assert.ok(findings.length < 30)
  })
  for (const tool of also) {
    test(`${tool} finds ${what} too`, { skip: installed.get(tool) !== true && `${tool} is not installed` }, () => {
      const { status, output } = run(tool, zoneOf())
      assert.notEqual(status, 0, output)
    })
  }
}

function run(tool: string, zone: Zone): { readonly status: number | null; readonly output: string } {
  const folder = mkdtempSync(join(tmpdir(), 'scop-dnssec-'))
  try {
    const file = join(folder, 'zone')
    writeFileSync(file, formatZone(zone))
    const { status, stdout, stderr } = spawnSync(tool, TOOLS[tool]?.(file) ?? [], { encoding: 'utf8' })
    return { status, output: `${stdout}${stderr}` }
  } finally {
    rmSync(folder, { recursive: true })
  }
}

test('in steps it finds the same', () => {
  const zone = signed(DEFAULT_SIGNING_POLICY, KEYS, NOW - 30 * 86400)
  const steps = verifyZoneInSteps(zone, OPTIONS)
  for (let taken = 0; ; taken++) {
    const step = steps.next()
    if (step.done !== true) continue
    assert.ok(taken >= zone.order.size)
    assert.deepEqual(step.value, verifyZone(zone, OPTIONS))
    return
  }
})

test('a DS in the parent that leads to no key is found, one of several that does is enough', () => {
  const zone = signed(DEFAULT_SIGNING_POLICY)
  const [ksk] = KEYS.keySigners
  assert.ok(ksk !== undefined)
  const [right, wrong] = [makeDs(ORIGIN, ksk.dnskey), makeDs(ORIGIN, STRANGER.dnskey)]
  assert.deepEqual(verifyZone(zone, { ...OPTIONS, ds: [right, wrong] }).findings, [])
  assert.deepEqual(
    verifyZone(zone, { ...OPTIONS, ds: [wrong] }).findings.map(({ kind }) => kind),
    ['ds-of-no-key'],
  )
})

test('a revoked key needs not sign, an unsupported algorithm is only told', () => {
  const revoked = makeKey(15, { flags: 257 | KEY_FLAG.REVOKE })
  const old = { flags: 256, protocol: 3, algorithm: 5, publicKey: new Uint8Array(64).fill(3) }
  const zone = signed(DEFAULT_SIGNING_POLICY, { ...KEYS, dnskeys: [...KEYS.dnskeys, revoked.dnskey, old] })
  const { findings } = verifyZone(zone, OPTIONS)
  assert.deepEqual(
    findings.map(({ severity, kind, detail }) => [severity, kind, detail]),
    [['warning', 'algorithm-unsupported', '5']],
  )
})

test('times are left aside on request; findings are told up to the limit and counted beyond', () => {
  const zone = signed(DEFAULT_SIGNING_POLICY, KEYS, NOW - 30 * 86400)
  assert.deepEqual(verifyZone(zone, { ...OPTIONS, nowSeconds: undefined }).findings, [])
  const limits = { ...DNSSEC_LIMITS, zoneFindings: 7 }
  const verdict = verifyZone(zone, { ...OPTIONS, limits })
  assert.equal(verdict.findings.length, 7)
  assert.ok(verdict.furtherFindings > 20)
})

/** Zones that others signed; their times are over, and what is said of them is what is wrong with them. */
const FOREIGN: readonly (readonly [string, string, readonly ZoneFinding['kind'][]])[] = [
  ['nsd/tpkg/cutest_qroot.tdir/root.zone', '.', []],
  ['nsd/tpkg/cutest_qroot.tdir/root2.zone', '.', []],
  ['nsd/tpkg/nsec3_wildnodatads.tdir/nsec3_wildnodatads.zone.signed', 'example.com', []],
  ['nsd/tpkg/nsec3_resalt.tdir/nsec3_resalt.zone.signed', 'example.net', []],
  ['nsd/tpkg/nsec3_ixfr_neg.tdir/nsec3_ixfr_neg.zone', 'rio', []],
  ['bind9/tests/dns/testdata/nsec3param/nsec3.db.signed', 'nsec3', []],
  ['bind9/bin/tests/system/legacy/ns6/edns512.db.signed', 'edns512', []],
  ['nsd/tpkg/allow_query.tdir/allow_query.example.com.zone', 'example.com', ['signature-refused', 'signature-missing']],
  ['nsd/tpkg/copy_cd.tdir/copy_cd.zone', 'dnssec', ['no-dnskey']],
]
for (const [file, origin, kinds] of FOREIGN) {
  test(`${file}: ${kinds.join() || 'nothing is wrong'}`, (t) => {
    const path = join(VECTORS, 'dns', file)
    if (!existsSync(path)) return t.skip('vectors absent')
    const zone = expectOk(
      parseZone(readFileSync(path, 'latin1'), expectOk(parseName(origin, ROOT), 'read')),
      'read the zone',
    )
    const old = createAlgorithms({ limits: { ...DNSSEC_LIMITS, rsaMinimumBits: 512 }, sha1Signatures: true })
    const { findings } = verifyZone(zone, { algorithms: old, nowSeconds: undefined })
    const errors = findings.filter(({ severity }) => severity === 'error').map(({ kind }) => kind)
    assert.deepEqual([...new Set(errors)], kinds)
  })
}
