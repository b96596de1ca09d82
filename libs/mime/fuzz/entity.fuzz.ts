// Laws: what a message means can be written where the grammar has words for it, and then means the same; written again, it
// is the same octets.

import assert from 'node:assert/strict'
import { equalOctets } from '@scop/octets'
import { formatEntity, parseMessage, readEntity } from '../src/index.ts'

export const seeds: readonly (string | Uint8Array)[] = [
  'A: 1\r\nSubject: =?utf-8?Q?=20caf=C3=A9_?= x\r\n\r\nbody',
  'From: "A. B" <a@b>, g:;\r\nDate: Fri, 21 Nov 1997 09:55:06 -0600\r\nMessage-ID: <a@b>\r\nReferences: <a@b> <c@d>\r\n\r\n',
  'Content-Type: multipart/mixed; boundary=b\r\n\r\npre\r\n--b\r\n\r\none\r\n--b\r\nX: y\r\n\r\ntwo\r\n--b--\r\nend\r\n',
  'Content-Type: multipart/digest; boundary="a"\n\n--a\nContent-Type: message/rfc822\n\nContent-Type: multipart/x;boundary=aa\n\n--aa\n--aa--\n--a--',
  'content-type: message/rfc822\r\ncontent-transfer-encoding: base64\r\n\r\nQQ==',
  'Content-Type: multipart/x; boundary=b\r\n\r\n--b\r\nContent-Transfer-Encoding: x-uuencode\r\n\r\nbegin 644 a\r\n#0V%T\r\n`\r\nend\r\n--b\r\nContent-Transfer-Encoding: yenc\r\n\r\n=ybegin line=128 size=1 name=a\r\nk\r\n=yend size=1\r\n--b--',
  'Content-Transfer-Encoding: quoted-printable\r\nContent-Language: en, de\r\nMIME-Version: 1.0 (x)\r\n\r\n--=3D=\r\n--',
  "Content-Disposition: attachment; filename*0*=utf-8'en'%e2%82; filename*1*=%ac\r\nKeywords: a, b\r\nReturn-Path: <>\r\n\r\n",
]

export const structure = 'message'

export function fuzz(input: Uint8Array): void {
  const entity = readEntity(parseMessage(input), input)
  const written = formatEntity(entity)
  if (!written.ok) return
  const again = readEntity(parseMessage(written.value), written.value)
  assert.deepEqual(again, entity)
  const twice = formatEntity(again)
  assert.ok(twice.ok && equalOctets(twice.value, written.value))
}
