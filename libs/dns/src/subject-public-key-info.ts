// The SubjectPublicKeyInfo of a certificate, octet for octet as it stands there, for digests are made of it.
// RFC 5280 §4.1, §4.1.2.7; X.690 §8.1 (definite lengths only, as DER has them)

/** `undefined` where `certificate` is not built as one. */
export function subjectPublicKeyInfo(certificate: Uint8Array): Uint8Array | undefined {
  const outer = elementAt(certificate, 0, certificate.length)
  if (outer?.tag !== SEQUENCE || outer.end !== certificate.length) return undefined
  const tbs = elementAt(certificate, outer.content, outer.end)
  if (tbs?.tag !== SEQUENCE) return undefined
  let at = tbs.content
  // [0] version, where there is one; serialNumber, signature, issuer, validity, subject
  const version = elementAt(certificate, at, tbs.end)
  if (version?.tag === VERSION) at = version.end
  for (let i = 0; i < FIELDS_BEFORE; i++) {
    const field = elementAt(certificate, at, tbs.end)
    if (field === undefined) return undefined
    at = field.end
  }
  const key = elementAt(certificate, at, tbs.end)
  return key?.tag === SEQUENCE ? certificate.subarray(at, key.end) : undefined
}

type Element = { readonly tag: number; readonly content: number; readonly end: number }

function elementAt(octets: Uint8Array, at: number, limit: number): Element | undefined {
  const [tag, first] = [octets[at], octets[at + 1]]
  if (tag === undefined || first === undefined || at + 2 > limit) return undefined
  let content = at + 2
  let length = first
  if (first >= 0x80) {
    const count = first & 0x7f
    if (count < 1 || count > 3 || content + count > limit) return undefined
    length = 0
    for (let i = 0; i < count; i++) length = length * 0x100 + (octets[content++] ?? 0)
  }
  const end = content + length
  return end <= limit ? { tag, content, end } : undefined
}

const SEQUENCE = 0x30
const VERSION = 0xa0
const FIELDS_BEFORE = 5
