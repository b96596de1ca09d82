// The states of a zone's keys as text, for whoever keeps them: JSON that only this reads. The private keys are not in it.

import type { DnskeyData } from '@scop/dns'
import { decodeBase64, encodeBase64 } from '@scop/octets'
import { err, ok, type Result } from '@scop/result'
import { keyId } from './key-plan.ts'
import type { ServedTtl, ServedTtls } from './key-ttls.ts'
import {
  type KeyRecord,
  type KeyRole,
  type RecordPlace,
  RECORDS_OF,
  type RecordState,
  type ZoneKeyState,
} from './key-states.ts'

export type KeyFileError = { readonly kind: 'not-json' | 'wrong-form'; readonly key?: number }

export function formatKeyStates(keys: readonly ZoneKeyState[]): string {
  const rows = keys.map(({ dnskey, ...key }) => ({
    ...key,
    dnskey: { ...dnskey, publicKey: encodeBase64(dnskey.publicKey) },
  }))
  return `${JSON.stringify({ version: 1, keys: rows }, undefined, 2)}\n`
}

export function parseKeyStates(text: string): Result<readonly ZoneKeyState[], KeyFileError> {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return err({ kind: 'not-json' })
  }
  if (!isObject(value) || value['version'] !== 1 || !Array.isArray(value['keys'])) return err({ kind: 'wrong-form' })
  const keys: ZoneKeyState[] = []
  for (const [i, row] of value['keys'].entries()) {
    const key = isObject(row) ? readKey(row) : undefined
    if (key === undefined || keys.some(({ id }) => id === key.id)) return err({ kind: 'wrong-form', key: i })
    keys.push(key)
  }
  return ok(keys)
}

type Row = { readonly [field: string]: unknown }

function readKey(row: Row): ZoneKeyState | undefined {
  const { role, goal, createdSeconds, activeSeconds, retireSeconds } = row
  const dnskey = isObject(row['dnskey']) ? readDnskey(row['dnskey']) : undefined
  if (dnskey === undefined || !isRole(role) || (goal !== 'present' && goal !== 'absent')) return undefined
  if (!isTime(createdSeconds) || row['id'] !== keyId(dnskey) || !isObject(row['records'])) return undefined
  if (!isOptionalTime(activeSeconds) || !isOptionalTime(retireSeconds)) return undefined
  const ttls = row['ttls'] === undefined ? undefined : readTtls(row['ttls'])
  if (ttls === undefined && row['ttls'] !== undefined) return undefined
  const records: { [Record in KeyRecord]?: RecordPlace } = {}
  for (const record of RECORDS_OF[role]) {
    const place = row['records'][record]
    const read = isObject(place) ? readPlace(place) : undefined
    if (read === undefined) return undefined
    records[record] = read
  }
  return {
    id: row['id'],
    role,
    dnskey,
    createdSeconds,
    ...(activeSeconds === undefined ? {} : { activeSeconds }),
    ...(retireSeconds === undefined ? {} : { retireSeconds }),
    goal,
    ...(ttls === undefined ? {} : { ttls }),
    records,
  }
}

function readTtls(value: unknown): ServedTtls | undefined {
  if (!isObject(value)) return undefined
  const [keys, zone, ds] = [readTtlList(value['keys']), readTtlList(value['zone']), readTtlList(value['ds'])]
  return keys === undefined || zone === undefined || ds === undefined ? undefined : { keys, zone, ds }
}

function readTtlList(value: unknown): readonly ServedTtl[] | undefined {
  if (!Array.isArray(value)) return undefined
  const ttls: ServedTtl[] = []
  for (const row of value) {
    const { seconds, lastSeconds } = isObject(row) ? row : {}
    if (!isTime(seconds) || !isTime(lastSeconds)) return undefined
    ttls.push({ seconds, lastSeconds })
  }
  return ttls
}

function readDnskey({ flags, protocol, algorithm, publicKey }: Row): DnskeyData | undefined {
  if (!isNumber(flags, 0xffff) || !isNumber(protocol, 0xff) || !isNumber(algorithm, 0xff)) return undefined
  const octets = typeof publicKey === 'string' ? decodeBase64(publicKey) : undefined
  if (octets?.ok !== true || octets.value.length === 0) return undefined
  return { flags, protocol, algorithm, publicKey: octets.value }
}

function readPlace({ state, sinceSeconds, seenSeconds }: Row): RecordPlace | undefined {
  if (!isState(state) || !isTime(sinceSeconds) || !isOptionalTime(seenSeconds)) return undefined
  return { state, sinceSeconds, ...(seenSeconds === undefined ? {} : { seenSeconds }) }
}

function isObject(value: unknown): value is Row {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isNumber(value: unknown, maximum: number): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= maximum
}

const isTime = (value: unknown): value is number => isNumber(value, Number.MAX_SAFE_INTEGER)
const isOptionalTime = (value: unknown): value is number | undefined => value === undefined || isTime(value)
const isRole = (value: unknown): value is KeyRole => value === 'ksk' || value === 'zsk' || value === 'csk'
const isState = (value: unknown): value is RecordState =>
  value === 'hidden' || value === 'rumoured' || value === 'omnipresent' || value === 'unretentive'
