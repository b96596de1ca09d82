// What signing a zone costs beside its bare signatures: a whole zone of 10 000 RRsets, one change in it, and the search for
// what is due. CPU time, the median of the rounds.

import { sign } from 'node:crypto'
import {
  editZone,
  encodeRdata,
  nextSerial,
  parseName,
  parseZone,
  ROOT,
  rrsetRecords,
  SOA,
  type Zone,
  type ZoneDiff,
} from '@scop/dns'
import { expectOk } from '@scop/result'
import {
  createAlgorithms,
  DEFAULT_SIGNING_POLICY,
  dueSignatures,
  makeKey,
  signChange,
  type SigningMoment,
  signZone,
  singleKey,
  verifyZone,
} from '../src/index.ts'

const ROUNDS = 8
const NOW = 1_795_000_000
const origin = expectOk(parseName('bench.example', ROOT), 'read the name')
const nsec = { kind: 'nsec' } as const
const nsec3 = { kind: 'nsec3', optOut: false } as const

for (const algorithm of [13, 15]) {
  const keys = singleKey(makeKey(algorithm, { flags: 257 }))
  for (const denial of [nsec, nsec3]) {
    const moment: SigningMoment = {
      keys,
      policy: { ...DEFAULT_SIGNING_POLICY, denial },
      nowSeconds: NOW,
      random: Math.random,
    }
    // Each name has one RRset, and one of its chain.
    const zone = zoneOf(5000)
    const whole = cpuMs(() => void expectOk(signZone(zone, moment), 'sign'))
    const bare = cpuMs(() => bareSignatures(algorithm, keys.zoneSigners[0]?.privateKey, 10_000))
    const { zone: signed } = expectOk(signZone(zone, moment), 'sign')
    const diff = changeOf(signed)
    const change = cpuMs(() => repeat(100, () => void expectOk(signChange(signed, diff, moment), 'sign'))) / 100
    const due = cpuMs(() => void dueSignatures(signed, moment))
    const algorithms = createAlgorithms()
    const verify = cpuMs(() => void verifyZone(signed, { algorithms, nowSeconds: NOW }))
    console.log(
      `algorithm ${algorithm} ${denial.kind}, 10 000 RRsets: sign ${whole.toFixed(0)} ms CPU, the bare signatures ` +
        `${bare.toFixed(0)} ms; one change ${change.toFixed(2)} ms; what is due ${due.toFixed(0)} ms; verify ${verify.toFixed(0)} ms`,
    )
  }
}

function zoneOf(names: number): Zone {
  let text = '$TTL 3600\n@ SOA ns hostmaster 1 7200 900 1209600 300\n@ NS ns\n'
  for (let i = 0; i < names; i++) text += `h${i} A 127.0.0.1\n`
  return expectOk(parseZone(`${text}ns A 127.0.0.1\n`, origin), 'read the zone')
}

function changeOf(zone: Zone): ZoneDiff {
  const editor = editZone(zone)
  const soa = { type: SOA.code, ttlSeconds: zone.soaTtlSeconds, rdatas: [encodeRdata(SOA, zone.soa)] }
  const serial = nextSerial(zone.soa.serial)
  for (const record of rrsetRecords(origin, soa)) {
    editor.remove(record)
    editor.add({ ...record, rdata: encodeRdata(SOA, { ...zone.soa, serial }) })
  }
  const name = expectOk(parseName('new.bench.example', ROOT), 'read the name')
  editor.add({ name, type: 1, class: 1, ttlSeconds: 60, rdata: new Uint8Array(4) })
  return { fromSerial: zone.soa.serial, toSerial: serial, ...editor.diff() }
}

function bareSignatures(algorithm: number, key: Parameters<typeof sign>[2] | undefined, count: number): void {
  if (key === undefined) return
  const octets = new Uint8Array(100)
  repeat(count, () => void sign(algorithm === 15 ? null : 'sha256', octets, key))
}

function repeat(count: number, run: () => void): void {
  for (let i = 0; i < count; i++) run()
}

function cpuMs(run: () => void): number {
  const rounds: number[] = []
  for (let i = 0; i < ROUNDS; i++) {
    const before = process.cpuUsage()
    run()
    const { user, system } = process.cpuUsage(before)
    rounds.push((user + system) / 1000)
  }
  return rounds.sort((a, b) => a - b)[ROUNDS >> 1] ?? 0
}
