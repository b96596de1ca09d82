// TSIG keys and grants of bottle.yaml: whom we share a secret with, and what each of them may change by UPDATE.
// RFC 8945 §6 (secrets shorter than the hash are weaker than it), §5.2.2.1 (MACs that are cut), RFC 3007 §3

import type { Settings } from '@scop/bottle'
import { type NamePattern, parseName, parseType, ROOT, type TsigKey, tsigLengths, type UpdateGrant } from '@scop/dns'
import { decodeBase64 } from '@scop/octets'
import { err, ok, type Result } from '@scop/result'

type Configured = Pick<Settings<'dns-primary'>, 'tsig-keys' | 'grants'>

/** The error is a sentence for the operator. */
export function configuredKeys(
  settings: Configured,
): Result<{ readonly keys: readonly TsigKey[]; readonly grants: readonly UpdateGrant[] }, string> {
  const keys: TsigKey[] = []
  for (const [text, { algorithm, secret, 'least-mac-octets': least }] of Object.entries(settings['tsig-keys'])) {
    const name = parseName(text, ROOT)
    const octets = decodeBase64(secret)
    if (!name.ok) return err(`tsig-keys: "${text}" is no name: ${name.error.kind}`)
    if (!octets.ok) return err(`tsig-keys: the secret of "${text}" is not base64`)
    const { hashOctets, macOctets, leastMacOctets } = tsigLengths(algorithm)
    const shortest = Math.min(hashOctets, SHORTEST_SECRET)
    if (octets.value.length < shortest)
      return err(`tsig-keys: the secret of "${text}" has ${octets.value.length} octets of ${shortest}`)
    if (least !== undefined && (least < leastMacOctets || least > macOctets))
      return err(
        `tsig-keys: a MAC of "${text}" has ${leastMacOctets} to ${macOctets} octets: least-mac-octets cannot be ${least}`,
      )
    keys.push({
      name: name.value,
      algorithm,
      secret: octets.value,
      ...(least !== undefined && { minimumMacOctets: least }),
    })
  }
  const grants: UpdateGrant[] = []
  for (const grant of settings.grants) {
    const key = keys.find(({ name }) => name.key === keyOf(grant.key))
    if (key === undefined) return err(`grants: there is no TSIG key "${grant.key}"`)
    const names = parsePattern(grant.names)
    if (names === undefined) return err(`grants: "${grant.names}" names nothing`)
    const types =
      grant.types === 'any' ? ('any' as const) : grant.types.map((text) => ({ text, code: parseType(text) }))
    if (types === 'any') {
      grants.push({ key: key.name, names, types })
      continue
    }
    const unknown = types.find(({ code }) => code === undefined)
    if (unknown !== undefined) return err(`grants: there is no type "${unknown.text}"`)
    grants.push({ key: key.name, names, types: types.flatMap(({ code }) => code ?? []) })
  }
  return ok({ keys, grants })
}

/** The key of this name; the name stands in a list of secondaries or primaries. */
export function findTsigKey(keys: readonly TsigKey[], name: string): TsigKey | undefined {
  return keys.find((key) => key.name.key === keyOf(name))
}

function parsePattern(text: string): NamePattern | undefined {
  const [kind, given = ''] = text.split(' ')
  if (kind === 'any') return { kind: 'any' }
  if (kind === 'below-label') return { kind: 'below-label', label: given }
  const name = parseName(given, ROOT)
  if (!name.ok) return undefined
  if (kind === 'exact') return { kind: 'exact', name: name.value }
  return kind === 'below' ? { kind: 'at-or-below', name: name.value } : undefined
}

function keyOf(text: string): string | undefined {
  const name = parseName(text, ROOT)
  return name.ok ? name.value.key : undefined
}

const SHORTEST_SECRET = 32
