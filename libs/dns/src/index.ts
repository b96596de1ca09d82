export { answer } from './answer.ts'
export { CLASS, formatClass, formatRcode, OPCODE, parseClass, RCODE, TSIG_ERROR } from './codes.ts'
export { encodeExtendedError, EXTENDED_ERROR, extendedErrors } from './edns.ts'
export type { Edns, ExtendedError } from './edns.ts'
export { DEFAULT_LIMITS } from './limits.ts'
export type { Limits } from './limits.ts'
export { decodeMessage, EMPTY_MESSAGE, encodeMessage, responseTo } from './message.ts'
export type { EncodeOptions, Message, Question } from './message.ts'
export {
  compareNames,
  decodeName,
  equalNames,
  formatName,
  isAtOrBelow,
  isWildcard,
  labelCount,
  labels,
  parentName,
  parseName,
  prependLabel,
  ROOT,
  wildcardOf,
} from './name.ts'
export type { Name, NameError } from './name.ts'
export { decodeBase32Hex, encodeBase32Hex } from './base32hex.ts'
export { NSEC3_SHA1, nsec3Hash } from './nsec3-hash.ts'
export type { Nsec3Parameters } from './nsec3-hash.ts'
export { canonicalRdata, decodeRdata, encodeRdata, formatRdata, parseRdata } from './rdata.ts'
export type { RdataTextError } from './rdata.ts'
export type { FieldError } from './rdata-text.ts'
export { compareRdata, decodeRecords, encodeRecords, equalRdata, equalRecords, formatRecord } from './record.ts'
export type { ResourceRecord } from './record.ts'
export { A } from './rr/a.ts'
export type { AddressData } from './rr/a.ts'
export { AAAA } from './rr/aaaa.ts'
export { CAA } from './rr/caa.ts'
export type { CaaData } from './rr/caa.ts'
export { CDNSKEY } from './rr/cdnskey.ts'
export { CDS } from './rr/cds.ts'
export { CNAME } from './rr/cname.ts'
export { DNAME } from './rr/dname.ts'
export { DNSKEY } from './rr/dnskey.ts'
export type { DnskeyData } from './rr/dnskey.ts'
export { DS } from './rr/ds.ts'
export type { DsData } from './rr/ds.ts'
export { MX } from './rr/mx.ts'
export type { MxData } from './rr/mx.ts'
export { NS } from './rr/ns.ts'
export { NSEC } from './rr/nsec.ts'
export type { NsecData } from './rr/nsec.ts'
export { NSEC3 } from './rr/nsec3.ts'
export type { Nsec3Data } from './rr/nsec3.ts'
export { NSEC3PARAM } from './rr/nsec3param.ts'
export type { Nsec3ParamData } from './rr/nsec3param.ts'
export { OPT } from './rr/opt.ts'
export type { EdnsOption, OptData } from './rr/opt.ts'
export { PTR } from './rr/ptr.ts'
export type { RecordType } from './rr/record-type.ts'
export { recordType } from './rr/registry.ts'
export { formatType, isMetaType, parseType, TYPE_ANY, TYPE_AXFR, TYPE_IXFR } from './type-names.ts'
export { RRSIG, typeCoveredBy } from './rr/rrsig.ts'
export type { RrsigData } from './rr/rrsig.ts'
export type { SingleName } from './rr/single-name.ts'
export { SOA } from './rr/soa.ts'
export type { SoaData } from './rr/soa.ts'
export { SRV } from './rr/srv.ts'
export type { SrvData } from './rr/srv.ts'
export { TLSA } from './rr/tlsa.ts'
export type { TlsaData } from './rr/tlsa.ts'
export { TSIG } from './rr/tsig.ts'
export type { TsigData } from './rr/tsig.ts'
export type { TypeBitmap } from './rr/type-bitmap.ts'
export { TXT } from './rr/txt.ts'
export type { TxtData } from './rr/txt.ts'
export { isSerialAfter, nextSerial } from './serial.ts'
export { handleMessage } from './server-core.ts'
export type { Delegate, Incoming, Reaction, Request, ServerState } from './server-core.ts'
export { AnswerCache } from './answer-cache.ts'
export { readAnswer } from './stub-answer.ts'
export type { AnswerReading } from './stub-answer.ts'
export { encodeQuestion, matchReply } from './stub-question.ts'
export type { SentQuestion } from './stub-question.ts'
export { signMessage, verifyMessage } from './tsig.ts'
export type { SignOptions, TsigAlgorithm, TsigError, TsigKey, VerifiedTsig, VerifyOptions } from './tsig.ts'
export { TsigStreamSigner, TsigStreamVerifier } from './tsig-stream.ts'
export type { TsigStreamError } from './tsig-stream.ts'
export { applyUpdate } from './update.ts'
export type { Authorise, UpdateOutcome } from './update.ts'
export { authoriseBy } from './update-policy.ts'
export type { NamePattern, UpdateGrant } from './update-policy.ts'
export {
  absent,
  deleteName,
  deleteRecord,
  deleteRrset,
  exactly,
  exists,
  makeRecord,
  updateMessage,
} from './update-request.ts'
export type { DecodeError } from './wire-reader.ts'
export { CanonicalOrder, orderKey } from './canonical-order.ts'
export {
  applyDiff,
  createZone,
  editZone,
  findHashedNode,
  findNode,
  rrsetRecords,
  signatureSlot,
  typesOf,
  zoneRecords,
} from './zone.ts'
export type { RRset, Zone, ZoneDiff, ZoneEditor, ZoneError, ZoneNode } from './zone.ts'
export { formatZone, formatZoneFileError, parseRecords, parseZone } from './zone-file.ts'
export type { ZoneFileError } from './zone-file.ts'
export { closestZone, zoneSet } from './zone-set.ts'
export type { ZoneSet } from './zone-set.ts'
