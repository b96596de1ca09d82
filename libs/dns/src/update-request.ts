// The client's side of UPDATE: prerequisites and updates as records, and the message that carries them.      RFC 2136 §2.4, §2.5

import { CLASS, OPCODE } from './codes.ts'
import { EMPTY_MESSAGE, type Message } from './message.ts'
import type { Name } from './name.ts'
import type { ResourceRecord } from './record.ts'
import type { RecordType } from './rr/record-type.ts'
import { TYPE_ANY } from './type-names.ts'
import { SOA } from './rr/soa.ts'
import { encodeRdata } from './rdata.ts'

/** A record of class IN from a typed value. */
export function makeRecord<Data>(type: RecordType<Data>, name: Name, ttlSeconds: number, data: Data): ResourceRecord {
  return { name, type: type.code, class: CLASS.IN, ttlSeconds, rdata: encodeRdata(type, data) }
}

/** Update: removes this record. */
export function deleteRecord(record: ResourceRecord): ResourceRecord {
  return { ...record, class: CLASS.NONE, ttlSeconds: 0 }
}

/** Update: removes all records of a type at a name. */
export function deleteRrset(name: Name, type: number): ResourceRecord {
  return { name, type, class: CLASS.ANY, ttlSeconds: 0, rdata: EMPTY }
}

/** Update: removes all records at a name. */
export function deleteName(name: Name): ResourceRecord {
  return deleteRrset(name, TYPE_ANY)
}

/** Prerequisite: there is a record of this type (`TYPE_ANY`: of some type) at the name. */
export function exists(name: Name, type: number): ResourceRecord {
  return { name, type, class: CLASS.ANY, ttlSeconds: 0, rdata: EMPTY }
}

/** Prerequisite: there is none of this type (`TYPE_ANY`: of any type) at the name. */
export function absent(name: Name, type: number): ResourceRecord {
  return { name, type, class: CLASS.NONE, ttlSeconds: 0, rdata: EMPTY }
}

/** Prerequisite: these records, and no others, make up their RRset. One of them each. */
export function exactly(record: ResourceRecord): ResourceRecord {
  return { ...record, ttlSeconds: 0 }
}

export function updateMessage(
  id: number,
  zone: Name,
  prerequisites: readonly ResourceRecord[],
  updates: readonly ResourceRecord[],
): Message {
  return {
    ...EMPTY_MESSAGE,
    id,
    opcode: OPCODE.UPDATE,
    questions: [{ name: zone, type: SOA.code, class: CLASS.IN }],
    answers: prerequisites,
    authorities: updates,
  }
}

const EMPTY = new Uint8Array(0)
