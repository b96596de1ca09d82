import assert from 'node:assert/strict'
import { test } from 'node:test'
import { encodeBase32Hex, nsec3Hash } from '../src/index.ts'
import { name } from './example-zone.ts'

// RFC 5155 Appendix A: salt aabbccdd, 12 iterations.
const RFC_5155_A: readonly (readonly [string, string])[] = [
  ['example', '0p9mhaveqvm6t7vbl5lop2u3t2rp3tom'],
  ['a.example', '35mthgpgcu1qg68fab165klnsnk3dpvl'],
  ['ai.example', 'gjeqe526plbf1g8mklp59enfd789njgi'],
  ['ns1.example', '2t7b4g4vsa5smi47k61mv5bv1a22bojr'],
  ['ns2.example', 'q04jkcevqvmu85r014c7dkba38o0ji5r'],
  ['w.example', 'k8udemvp1j2f7eg6jebps17vp3n8i58h'],
  ['*.w.example', 'r53bq7cc2uvmubfu5ocmm6pers9tk9en'],
  ['x.w.example', 'b4um86eghhds6nea196smvmlo4ors995'],
  ['y.w.example', 'ji6neoaepv8b5o6k4ev33abha8ht9fgc'],
  ['x.y.w.example', '2vptu5timamqttgl4luu9kg21e0aor3s'],
  ['xx.example', 't644ebqk9bibcna874givr6joj62mlhv'],
]

const salt = Uint8Array.of(0xaa, 0xbb, 0xcc, 0xdd)

test('the hashes of RFC 5155 Appendix A', () => {
  for (const [owner, hash] of RFC_5155_A)
    assert.equal(encodeBase32Hex(nsec3Hash(name(owner), { iterations: 12, salt })), hash, owner)
})

test('without salt and iterations it is SHA-1 of the name in lower case', () => {
  const plain = (owner: string): string =>
    encodeBase32Hex(nsec3Hash(name(owner), { iterations: 0, salt: new Uint8Array(0) }))
  assert.equal(plain('COM'), 'ck0pojmg874ljref7efn8430qvit8bsm') // the apex of com as its servers show it
  assert.equal(plain('com'), plain('COM'))
  assert.notEqual(plain('com'), encodeBase32Hex(nsec3Hash(name('com'), { iterations: 1, salt: new Uint8Array(0) })))
  assert.notEqual(plain('com'), encodeBase32Hex(nsec3Hash(name('com'), { iterations: 0, salt })))
})
