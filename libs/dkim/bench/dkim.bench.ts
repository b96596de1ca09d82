// What canonicalization costs beside the hash it feeds, and what signing and verifying a message cost; side by side.

import { createHash, generateKeyPairSync } from 'node:crypto'
import { parseDomainName } from '@scop/identifiers'
import { parseHeaderSection } from '@scop/mime'
import { concatOctets, encodeAscii } from '@scop/octets'
import { expectOk } from '@scop/result'
import { BodyHasher } from '../src/body-hash.ts'
import { formatKeyRecord, parseSelector, startSigning, startVerifying } from '../src/index.ts'

const text = encodeAscii('The quick brown fox jumps over the lazy dog, and then over another one.\r\n'.repeat(14000))
const base64 = encodeAscii(`${'QUJD'.repeat(19)}\r\n`.repeat(13000))
const untidy = encodeAscii('> Quoted text,  with two spaces \r\n> and flowed lines \r\n\r\n'.repeat(18000))

for (const [name, body] of Object.entries({ text, base64, untidy })) {
  const plain = megabytesPerSecond(body, (chunk, end) => {
    const hash = createHash('sha256')
    for (const piece of chunk) hash.update(piece)
    end(hash.digest())
  })
  for (const canonicalization of ['simple', 'relaxed'] as const) {
    const speed = megabytesPerSecond(body, (chunks, end) => {
      const hasher = new BodyHasher(canonicalization)
      for (const chunk of chunks) hasher.update(chunk)
      end(hasher.finish().digest)
    })
    console.log(
      `${name} ${canonicalization}: ${speed} MB/s, sha256 alone ${plain} MB/s, ratio ${(speed / plain).toFixed(2)}`,
    )
  }
}

const domain = expectOk(parseDomainName('example.com'), 'read')
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 })
const ed25519 = generateKeyPairSync('ed25519')
const message = concatOctets([
  encodeAscii(
    'From: a@example.com\r\nTo: b@example.net\r\nSubject: hi\r\nDate: Fri, 21 Nov 1997 09:55:06 -0600\r\n\r\n',
  ),
  text.subarray(0, 4096),
])
const keys = [
  { domain, selector: expectOk(parseSelector('r'), 'read'), algorithm: 'rsa-sha256', privateKey: rsa.privateKey },
  {
    domain,
    selector: expectOk(parseSelector('e'), 'read'),
    algorithm: 'ed25519-sha256',
    privateKey: ed25519.privateKey,
  },
] as const
const answers = new Map([
  ['r._domainkey.example.com', { kind: 'texts', texts: [formatKeyRecord(rsa.publicKey)] } as const],
  ['e._domainkey.example.com', { kind: 'texts', texts: [formatKeyRecord(ed25519.publicKey)] } as const],
])
function signed(): Uint8Array {
  const { header, bodyStart } = expectOk(parseHeaderSection(message), 'read')
  const signing = expectOk(startSigning(header, { keys, nowSeconds: 1 }), 'sign')
  signing.update(message.subarray(bodyStart))
  return concatOctets([...signing.finish(), message])
}
const whole = signed()
console.log(`sign 4 KB with both keys: ${microseconds(signed)} µs`)
console.log(
  `verify both signatures: ${microseconds(() => {
    const { header, bodyStart } = expectOk(parseHeaderSection(whole), 'read')
    const verifying = startVerifying(header, { nowSeconds: 1 })
    verifying.update(whole.subarray(bodyStart))
    if (!verifying.finish(answers).every((result) => result.result === 'pass')) throw new Error('does not verify')
  })} µs`,
)

function megabytesPerSecond(
  body: Uint8Array,
  run: (chunks: readonly Uint8Array[], end: (digest: Uint8Array) => void) => void,
): number {
  const chunks: Uint8Array[] = []
  for (let at = 0; at < body.length; at += 65536) chunks.push(body.subarray(at, at + 65536))
  let sink = 0
  const time = microseconds(() => run(chunks, (digest) => (sink += digest.length)))
  if (sink === 0) throw new Error('nothing was hashed')
  return Math.round(body.length / time)
}

/** The best of several rounds: the machine is shared. */
function microseconds(run: () => void): number {
  for (let i = 0; i < 30; i++) run()
  let best = Number.POSITIVE_INFINITY
  const until = performance.now() + 400
  while (performance.now() < until) {
    const start = performance.now()
    run()
    best = Math.min(best, performance.now() - start)
  }
  return Math.round(best * 1000)
}
