// Zones that the signers of BIND and NLnet Labs made, judged by ours; their keys sign here, and their DS are ours.

import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import {
  decodeRdata,
  DNSKEY,
  type DnskeyData,
  DS,
  encodeRdata,
  formatRdata,
  formatZone,
  parseZone,
  type Zone,
} from '@scop/dns'
import { expectOk } from '@scop/result'
import {
  createAlgorithms,
  DEFAULT_SIGNING_POLICY,
  keyTag,
  makeDs,
  parseBindPrivateKey,
  signingKey,
  signZone,
  verifyZone,
} from '../src/index.ts'
import { exampleZone, ORIGIN } from './example-zone.ts'
import { records } from './vectors.ts'

const ALGORITHMS = createAlgorithms()
const nowSeconds = Math.floor(Date.now() / 1000)

const isThere = (tool: string): boolean => spawnSync(tool, ['-h']).error === undefined
const without = (...tools: readonly string[]): string | false => {
  const absent = tools.filter((tool) => !isThere(tool))
  return absent.length > 0 && `${absent.join(', ')}: not installed`
}

function inFolder(run: (folder: string) => void): void {
  const folder = mkdtempSync(join(tmpdir(), 'scop-dnssec-'))
  try {
    writeFileSync(join(folder, 'zone'), formatZone(exampleZone()))
    run(folder)
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** Two keys by `dnssec-keygen`; their file names without ending. */
function keygen(folder: string, algorithm: string): readonly string[] {
  return [['-f', 'KSK'], []].map((flags) =>
    execFileSync(
      'dnssec-keygen',
      [
        '-q',
        '-K',
        folder,
        '-a',
        algorithm,
        ...(algorithm.startsWith('RSA') ? ['-b', '2048'] : []),
        ...flags,
        'example.org',
      ],
      { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] },
    ).trim(),
  )
}

function readKey(folder: string, file: string): DnskeyData {
  const record = records(readFileSync(join(folder, `${file}.key`), 'latin1')).find(({ type }) => type === DNSKEY.code)
  return expectOk(decodeRdata(DNSKEY, record?.rdata ?? new Uint8Array(0)), 'read the key')
}

const judge = (zone: Zone): void => {
  // Theirs begin at this very second.
  const { findings, signatures } = verifyZone(zone, {
    algorithms: ALGORITHMS,
    nowSeconds: Math.floor(Date.now() / 1000) + 5,
  })
  // BIND gives the NSEC3PARAM and its like TTLs of its own, and iterations where it is told to.
  assert.deepEqual(
    findings.filter(({ severity }) => severity === 'error'),
    [],
  )
  assert.ok(signatures > 20)
}

const DENIALS: readonly (readonly [string, readonly string[], readonly string[]])[] = [
  ['NSEC', [], []],
  ['NSEC3', ['-3', '-'], ['-n', '-t', '0']],
  ['NSEC3 with salt and iterations', ['-3', 'AABB', '-H', '5'], ['-n', '-t', '5', '-s', 'aabb']],
  ['NSEC3 with opt-out', ['-3', '-', '-A'], ['-n', '-p', '-t', '0']],
]
for (const algorithm of ['RSASHA256', 'RSASHA512', 'ECDSAP256SHA256', 'ECDSAP384SHA384', 'ED25519', 'ED448']) {
  // RSA keys take their time to be made.
  for (const [denial, bind, ldns] of algorithm.startsWith('RSA') ? DENIALS.slice(0, 1) : DENIALS) {
    test(
      `a zone by dnssec-signzone, ${algorithm}, ${denial}`,
      { skip: without('dnssec-keygen', 'dnssec-signzone') },
      () =>
        inFolder((folder) => {
          keygen(folder, algorithm)
          execFileSync(
            'dnssec-signzone',
            [
              '-q',
              '-S',
              '-K',
              folder,
              '-o',
              'example.org',
              '-f',
              join(folder, 'signed'),
              ...bind,
              join(folder, 'zone'),
            ],
            { stdio: 'ignore', cwd: folder },
          )
          judge(expectOk(parseZone(readFileSync(join(folder, 'signed'), 'latin1'), ORIGIN), 'read what it signed'))
        }),
    )
    if (!['ECDSAP256SHA256', 'ED25519'].includes(algorithm)) continue
    test(`a zone by ldns-signzone, ${algorithm}, ${denial}`, { skip: without('dnssec-keygen', 'ldns-signzone') }, () =>
      inFolder((folder) => {
        const keys = keygen(folder, algorithm)
        const { status, stderr } = spawnSync(
          'ldns-signzone',
          [
            ...ldns,
            '-o',
            'example.org',
            '-f',
            join(folder, 'signed'),
            join(folder, 'zone'),
            ...keys.map((file) => join(folder, file)),
          ],
          { encoding: 'utf8', cwd: folder },
        )
        assert.equal(status, 0, stderr)
        judge(expectOk(parseZone(readFileSync(join(folder, 'signed'), 'latin1'), ORIGIN), 'read what it signed'))
      }),
    )
  }
  test(
    `keys by dnssec-keygen sign here, ${algorithm}, and their DS are the same`,
    { skip: without('dnssec-keygen', 'dnssec-dsfromkey', 'dnssec-verify') },
    () =>
      inFolder((folder) => {
        const keys = keygen(folder, algorithm).map((file) => {
          const published = readKey(folder, file)
          const read = expectOk(
            parseBindPrivateKey(readFileSync(join(folder, `${file}.private`), 'latin1')),
            'read the key',
          )
          const key = expectOk(signingKey(read.privateKey, read.algorithm, published.flags), 'take the key')
          assert.deepEqual(key.dnskey, published)
          assert.equal(
            file,
            `Kexample.org.+${String(read.algorithm).padStart(3, '0')}+${String(keyTag(published)).padStart(5, '0')}`,
          )
          for (const [digest, type] of [
            ['SHA-256', 2],
            ['SHA-384', 4],
          ] as const) {
            const theirs = execFileSync('dnssec-dsfromkey', ['-a', digest, join(folder, `${file}.key`)], {
              encoding: 'utf8',
            })
            const ours = formatRdata(DS.code, encodeRdata(DS, makeDs(ORIGIN, published, type)))
            assert.equal(theirs.trim().split(' ').slice(3).join(' ').toLowerCase(), ours)
          }
          return key
        })
        const [ksk, zsk] = keys
        assert.ok(ksk !== undefined && zsk !== undefined)
        const zoneKeys = {
          dnskeys: [ksk.dnskey, zsk.dnskey],
          keySigners: [ksk],
          zoneSigners: [zsk],
          cds: [],
          cdnskeys: [],
        }
        const moment = { keys: zoneKeys, policy: DEFAULT_SIGNING_POLICY, nowSeconds, random: () => 0 }
        writeFileSync(join(folder, 'signed'), formatZone(expectOk(signZone(exampleZone(), moment), 'sign').zone))
        const { status, stderr } = spawnSync('dnssec-verify', ['-o', 'example.org', join(folder, 'signed')], {
          encoding: 'utf8',
        })
        assert.equal(status, 0, stderr)
        assert.ok(readdirSync(folder).length > 4)
      }),
  )
}
