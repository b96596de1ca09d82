// Laws: a signature is read or refused; written and read again it is the same; verifying a message with it answers.

import assert from 'node:assert/strict'
import { parseHeaderSection } from '@scop/mime'
import { concatOctets, decodeLatin1, encodeAscii } from '@scop/octets'
import { type KeyAnswer, parseCanonicalization, parseSignature, startVerifying } from '../src/index.ts'
import { DKIM_LIMITS } from '../src/limits.ts'
import { formatSignatureField, withoutSignatureValue } from '../src/signature.ts'

const BH = '47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='
export const seeds: readonly (string | Uint8Array)[] = [
  `v=1; a=rsa-sha256; c=relaxed/relaxed; d=example.com; s=sel; h=From:To; bh=${BH}; b=AAAA`,
  `v=1; a=ed25519-sha256; c=simple; d=example.com; i=a=20b@x.example.com; s=s_1.t; l=0; t=1; x=2; q=dns/txt;\r\n h=From : From; bh=${BH}; b=AA\r\n AA;`,
  'v=1; a=rsa-sha1; d=a.b; s=s; h=from; bh=AAAAAAAAAAAAAAAAAAAAAAAAAAA=; b=AAAA; z=From:x|To:y',
]

const KEY: KeyAnswer = { kind: 'texts', texts: ['k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo='] }

export function fuzz(input: Uint8Array): void {
  const read = parseCanonicalization(decodeLatin1(input))
  if (read !== undefined)
    assert.deepEqual(parseCanonicalization(`${read.headerCanonicalization}/${read.bodyCanonicalization}`), read)
  const signature = parseSignature(input)
  if (signature.ok) {
    const field = formatSignatureField(signature.value, signature.value.signedFields)
    const again = parseSignature(field.subarray(field.indexOf(0x3a) + 1))
    assert.ok(again.ok)
    assert.deepEqual(again.value, signature.value)
    assert.ok(withoutSignatureValue(input, DKIM_LIMITS).length < input.length)
  }
  const message = concatOctets([encodeAscii('DKIM-Signature:'), input, encodeAscii('\r\nFrom: a@example.com\r\n\r\n')])
  const parsed = parseHeaderSection(message)
  if (!parsed.ok) return
  const verifying = startVerifying(parsed.value.header, { nowSeconds: 0 })
  verifying.update(message.subarray(parsed.value.bodyStart))
  const results = verifying.finish(new Map(verifying.keyNames.map((name) => [name, KEY])))
  for (const result of results) assert.notEqual(result.result, 'pass')
}
