export { type AdditionalTarget, additionalTargets } from './additional-targets.ts'
export { answer } from './answer.ts'
export { CLASS, formatClass, formatRcode, OPCODE, parseClass, RCODE, TSIG_ERROR } from './codes.ts'
export {
  checkCookie,
  COOKIE_TIMES,
  decodeCookie,
  encodeCookie,
  makeClientCookie,
  makeServerCookie,
  readCookie,
} from './cookie.ts'
export type { Cookie, CookieError, CookieJudgement, CookieSecrets } from './cookie.ts'
export { DANE_LIMITS, matchTlsa, TLSA_MATCHING, TLSA_SELECTOR, TLSA_USAGE } from './dane.ts'
export type { DaneJudgement, DaneOptions, DaneRefusal } from './dane.ts'
export { decodeKeepalive, encodeKeepalive, findOption, NSID_REQUEST, OPTION, PADDING_BLOCK } from './edns.ts'
export type { Edns, KeepaliveError } from './edns.ts'
export { encodeExtendedError, EXTENDED_ERROR, extendedErrors, formatExtendedErrorCode } from './extended-error.ts'
export type { ExtendedError } from './extended-error.ts'
export { sipHash24 } from './siphash.ts'
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
export { MD } from './rr/md.ts'
export { MF } from './rr/mf.ts'
export { MB } from './rr/mb.ts'
export { MG } from './rr/mg.ts'
export { MR } from './rr/mr.ts'
export { NULL } from './rr/null.ts'
export { WKS } from './rr/wks.ts'
export type { WksData } from './rr/wks.ts'
export { HINFO } from './rr/hinfo.ts'
export { MINFO } from './rr/minfo.ts'
export { RP } from './rr/rp.ts'
export { AFSDB } from './rr/afsdb.ts'
export { X25 } from './rr/x25.ts'
export { ISDN } from './rr/isdn.ts'
export { RT } from './rr/rt.ts'
export { NSAP } from './rr/nsap.ts'
export { NSAP_PTR } from './rr/nsap-ptr.ts'
export { SIG } from './rr/sig.ts'
export { KEY } from './rr/key.ts'
export { PX } from './rr/px.ts'
export type { PxData } from './rr/px.ts'
export { GPOS } from './rr/gpos.ts'
export { LOC } from './rr/loc.ts'
export type { LocData } from './rr/loc.ts'
export { NXT } from './rr/nxt.ts'
export type { NxtData } from './rr/nxt.ts'
export { EID } from './rr/eid.ts'
export { NIMLOC } from './rr/nimloc.ts'
export { ATMA } from './rr/atma.ts'
export type { AtmaData } from './rr/atma.ts'
export { NAPTR } from './rr/naptr.ts'
export type { NaptrData } from './rr/naptr.ts'
export { KX } from './rr/kx.ts'
export { CERT } from './rr/cert.ts'
export type { CertData } from './rr/cert.ts'
export { A6 } from './rr/a6.ts'
export type { A6Data } from './rr/a6.ts'
export { SINK } from './rr/sink.ts'
export type { SinkData } from './rr/sink.ts'
export { APL } from './rr/apl.ts'
export type { AddressPrefix } from './rr/apl.ts'
export type { AplData } from './rr/apl.ts'
export { SSHFP } from './rr/sshfp.ts'
export type { SshfpData } from './rr/sshfp.ts'
export { IPSECKEY } from './rr/ipseckey.ts'
export type { IpseckeyData } from './rr/ipseckey.ts'
export { DHCID } from './rr/dhcid.ts'
export { SMIMEA } from './rr/smimea.ts'
export { HIP } from './rr/hip.ts'
export type { HipData } from './rr/hip.ts'
export { NINFO } from './rr/ninfo.ts'
export { RKEY } from './rr/rkey.ts'
export { TALINK } from './rr/talink.ts'
export { OPENPGPKEY } from './rr/openpgpkey.ts'
export { CSYNC } from './rr/csync.ts'
export type { CsyncData } from './rr/csync.ts'
export { ZONEMD } from './rr/zonemd.ts'
export type { ZonemdData } from './rr/zonemd.ts'
export { DSYNC } from './rr/dsync.ts'
export type { DsyncData } from './rr/dsync.ts'
export { HHIT } from './rr/hhit.ts'
export { BRID } from './rr/brid.ts'
export { SPF } from './rr/spf.ts'
export { NID } from './rr/nid.ts'
export type { IlnpData } from './rr/nid.ts'
export { L32 } from './rr/l32.ts'
export type { L32Data } from './rr/l32.ts'
export { L64 } from './rr/l64.ts'
export { LP } from './rr/lp.ts'
export { EUI48 } from './rr/eui48.ts'
export type { EuiData } from './rr/eui48.ts'
export { EUI64 } from './rr/eui64.ts'
export { TKEY } from './rr/tkey.ts'
export type { TkeyData } from './rr/tkey.ts'
export { URI } from './rr/uri.ts'
export type { UriData } from './rr/uri.ts'
export { AVC } from './rr/avc.ts'
export { DOA } from './rr/doa.ts'
export type { DoaData } from './rr/doa.ts'
export { AMTRELAY } from './rr/amtrelay.ts'
export type { AmtrelayData } from './rr/amtrelay.ts'
export { RESINFO } from './rr/resinfo.ts'
export { WALLET } from './rr/wallet.ts'
export { CLA } from './rr/cla.ts'
export { IPN } from './rr/ipn.ts'
export type { IpnData } from './rr/ipn.ts'
export { TA } from './rr/ta.ts'
export { DLV } from './rr/dlv.ts'
export type { PreferenceName } from './rr/preference-name.ts'
export type { TwoNames } from './rr/two-names.ts'
export type { CharacterStrings } from './rr/character-strings.ts'
export type { OpaqueOctets } from './rr/opaque-octets.ts'
export type { Gateway } from './rr/gateway.ts'
export { alpnProtocols, isSelfConsistent, SVC_PARAM } from './rr/svc-params.ts'
export type { SvcParam } from './rr/svc-params.ts'
export { SVCB } from './rr/svcb.ts'
export type { SvcbData } from './rr/svcb.ts'
export { HTTPS } from './rr/https.ts'
export { isSerialAfter, nextSerial } from './serial.ts'
export type { AnswerOptions } from './answer-sections.ts'
export type { OnlineSigner } from './online-denial.ts'
export { handleMessage } from './server-core.ts'
export type { Delegate, Reaction, RefusedUpdate, Request, ServerState } from './server-core.ts'
export type { Answering, Incoming } from './server-reply.ts'
export { ANSWER_PACKET_LIMITS, AnswerPackets } from './answer-packets.ts'
export type { AnswerPacketLimits } from './answer-packets.ts'
export { RATE_LIMITS, RateLimiter } from './rrl.ts'
export type { AnswerKind, RateLimits, RateVerdict } from './rrl.ts'
export { readAnswer } from './answer-reading.ts'
export type { AnswerReading } from './answer-reading.ts'
export { encodeQuestion, matchReply } from './question.ts'
export type { QuestionFlags, SentQuestion } from './question.ts'
export { signMessage, tsigLengths, verifyMessage } from './tsig.ts'
export type { SignOptions, TsigAlgorithm, TsigError, TsigKey, VerifiedTsig, VerifyOptions } from './tsig.ts'
export { NOTIFY_LIMITS, Notifier, receiveNotify } from './notify.ts'
export type { NotifyDatagram, NotifyEvent, NotifyLimits, NotifyTarget } from './notify.ts'
export { SECONDARY_LIMITS, startSecondary, stepSecondary } from './secondary.ts'
export type {
  SecondaryAction,
  SecondaryConfig,
  SecondaryEvent,
  SecondaryLimits,
  SecondaryState,
  SecondaryStep,
} from './secondary.ts'
export { encodeTransferRequest, TransferReader } from './transfer-in.ts'
export type { SentTransfer, TransferError, TransferOutcome, TransferRequest } from './transfer-in.ts'
export { serveTransfers } from './transfer-out.ts'
export type { TransferSource } from './transfer-out.ts'
export type { PeerGrant, TransferGrant } from './transfer-policy.ts'
export { axfrRecords, condenseDiffs, ixfrRecords, soaRecord } from './transfer-records.ts'
export { UPDATE_RATE_LIMITS, UpdateRate } from './update-rate.ts'
export type { UpdateRateLimits } from './update-rate.ts'
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
export { answerChaos, chaosRdata } from './chaos.ts'
export type { SelfDescription } from './chaos.ts'
export { CanonicalOrder, orderKey } from './canonical-order.ts'
export {
  applyDiff,
  createZone,
  editZone,
  findHashedNode,
  findNode,
  recordsByName,
  rrsetRecords,
  signatureSlot,
  startZone,
  typesOf,
  zoneRecords,
} from './zone.ts'
export type { RRset, Zone, ZoneDiff, ZoneEditor, ZoneError, ZoneNode } from './zone.ts'
export {
  formatZone,
  formatZoneByName,
  formatZoneFileError,
  parseRecords,
  parseZone,
  parseZoneFile,
} from './zone-file.ts'
export type { IncludedFile, IncludeFile, ZoneFileError, ZoneFileErrors } from './zone-file-reader.ts'
export { checkZone, describeZoneFinding, findNewErrors, formatZoneFinding } from './zone-check.ts'
export type { ZoneFinding } from './zone-finding.ts'
export { closestZone, zoneSet } from './zone-set.ts'
export type { ZoneSet } from './zone-set.ts'
