export { ADDRESS_LIST_LIMITS, mailboxesOf, parseAddressList } from './address-list.ts'
export type { Address, AddressListError, AddressListLimits, GroupAddress, MailboxAddress } from './address-list.ts'
export type { AddressDefectKind, AddressLimits } from './address-syntax.ts'
export { READ_ADDRESS_LIMITS, readAddressList } from './read-address-list.ts'
export type {
  AddressDefect,
  ReadAddress,
  ReadAddressLimits,
  ReadAddressList,
  ReadGroup,
  ReadMailbox,
} from './read-address-list.ts'
export { formatAddressList } from './format-address-list.ts'
export type { FormatAddressError } from './format-address-list.ts'
export { decodePhrase } from './phrase.ts'
export { claimsAuthservId, formatAuthenticationResults } from './authentication-results.ts'
export type {
  AuthenticationMethod,
  AuthenticationProperty,
  AuthenticationResult,
  MethodResult,
} from './authentication-results.ts'
export { formatDate, formatDateTime } from './date.ts'
export type { DateTime, FormatDateTimeError } from './date.ts'
export { formatReturnPath, parseReturnPath } from './return-path.ts'
export type { FormatReturnPathError, ReturnPathError } from './return-path.ts'
export { formatKeywords, KEYWORD_LIMITS, parseKeywords } from './keywords.ts'
export type { FormatKeywordsError, KeywordLimits } from './keywords.ts'
export { formatContentLanguage, MAX_LANGUAGES, parseContentLanguage } from './content-language.ts'
export type { ContentLanguageError } from './content-language.ts'
export { formatListCommand, formatListId } from './format-list-fields.ts'
export type { FormatListFieldError } from './format-list-fields.ts'
export { formatReceivedValue } from './format-received-value.ts'
export type { FormatReceivedError } from './format-received-value.ts'
export { formatAuthenticationResultsValue } from './format-authentication-results-value.ts'
export type { FormatAuthenticationResultsError } from './format-authentication-results-value.ts'
export { formatDeliveryStatus } from './delivery-status.ts'
export type { DeliveryReport, RecipientStatus } from './delivery-status.ts'
export { DELIVERY_STATUS_LIMITS, parseDeliveryStatus } from './parse-delivery-status.ts'
export type {
  DeliveryStatusDefect,
  DeliveryStatusLimits,
  ReadDeliveryStatus,
  ReadRecipientStatus,
  TypedValue,
} from './parse-delivery-status.ts'
export { formatField } from './format-field.ts'
export type { FormatFieldError } from './format-field.ts'
export { HeaderReader } from './header-reader.ts'
export type { HeaderReading } from './header-reader.ts'
export { Field, unfold, unfoldOctets } from './field.ts'
export type { FieldSource } from './field.ts'
export { fieldsNamed, HEADER_LIMITS, parseHeaderSection } from './header-section.ts'
export type {
  HeaderDefect,
  HeaderError,
  HeaderLimits,
  HeaderSection,
  ParsedHeader,
} from './header-section.ts'
export { formatMessageId } from './message-id.ts'
export { readHeader } from './read-header.ts'
export type { StreamedMessage } from './read-header.ts'
export { formatReceived, withProtocol } from './received.ts'
export type { Received, WithProtocol } from './received.ts'
export { rewriteHeader } from './rewrite-header.ts'
export type { HeaderChange, RewriteError } from './rewrite-header.ts'
export { TransportFactsReader } from './transport-facts.ts'
export type { TransportFacts } from './transport-facts.ts'
export { Base64Decoder } from './base64-decoder.ts'
export { charsetNamed, decodeCharset } from './charset.ts'
export type { CharsetDefect, DecodedText } from './charset.ts'
export { formatContentDisposition, parseContentDisposition, partName } from './content-disposition.ts'
export type {
  ContentDisposition,
  ContentDispositionError,
  FormatContentDispositionError,
  ParsedContentDisposition,
} from './content-disposition.ts'
export { DEFAULT_CONTENT_TYPE, formatContentType, parseContentType } from './content-type.ts'
export type {
  ContentType,
  ContentTypeDefect,
  ContentTypeError,
  FormatContentTypeError,
  ParsedContentType,
} from './content-type.ts'
export { encodePhrase, encodeUnstructured } from './encode-words.ts'
export {
  decodeComment,
  decodeEncodedWords,
  decodeUnstructured,
  ENCODED_WORD_LIMITS,
} from './encoded-word.ts'
export type { DecodedWords, EncodedWordDefect, EncodedWordLimits } from './encoded-word.ts'
export { PARAMETER_LIMITS, parameterNamed } from './parameters.ts'
export type { FormatParameterError } from './format-parameters.ts'
export type { Parameter, ParameterDefect, ParameterLimits } from './parameters.ts'
export { QuotedPrintableDecoder } from './quoted-printable-decoder.ts'
export { decodeTransfer, transferDecoder } from './transfer-decoder.ts'
export type { DecodedBody } from './transfer-decoder.ts'
export { TRANSFER_LIMITS } from './transfer-defect.ts'
export type { TransferDecoder, TransferDefect, TransferLimits } from './transfer-defect.ts'
export { Base64Encoder, QuotedPrintableEncoder } from './transfer-encoder.ts'
export type { TransferEncoder } from './transfer-encoder.ts'
export {
  formatMimeVersion,
  parseMimeVersion,
  parseTransferEncoding,
  transferEncodingNamed,
} from './transfer-encoding.ts'
export type {
  MimeVersion,
  MimeVersionError,
  ParsedTransferEncoding,
  TransferEncoding,
  TransferEncodingError,
} from './transfer-encoding.ts'
export { UuencodeDecoder } from './uuencode-decoder.ts'
export { YencDecoder } from './yenc-decoder.ts'
export { MessageReader } from './message-reader.ts'
export {
  bodyRange,
  childrenOf,
  formatMessage,
  messagePieces,
  MessageTreeReader,
  parseMessage,
  partAt,
  walkParts,
} from './message-tree.ts'
export type { DelimiterLine, MessageTree, OctetRange, Part, PartContent, PartDefect } from './message-tree.ts'
export { MESSAGE_LIMITS } from './part-event.ts'
export type { DefaultType, MessageLimits, PartDefectKind, PartEvent, PartPath, PartStructure } from './part-event.ts'
export { withHeader } from './change-part-header.ts'
export type { PartHeaderError } from './change-part-header.ts'
export { isOneClickUnsubscribe, LIST_LIMITS, parseListCommand, parseListId } from './list-fields.ts'
export type { ListCommand, ListFieldError, ListId, ListLimits } from './list-fields.ts'
export { AUTHENTICATION_RESULTS_LIMITS, parseAuthenticationResults } from './parse-authentication-results.ts'
export type {
  AuthenticationResultsError,
  AuthenticationResultsLimits,
  ParsedAuthenticationResults,
  ReadMethodResult,
  ReadProperty,
} from './parse-authentication-results.ts'
export { DATE_LIMITS, parseDate } from './parse-date.ts'
export type { DateError, DateLimits, DateQuirk, ParsedDate } from './parse-date.ts'
export { formatMessageIds, MESSAGE_ID_LIMITS, parseMessageIds } from './parse-message-ids.ts'
export type { MessageIdDefect, MessageIdLimits, ParsedMessageIds } from './parse-message-ids.ts'
export { parseReceived, RECEIVED_LIMITS } from './parse-received.ts'
export type { ParsedReceived, ReceivedDefect, ReceivedHost, ReceivedLimits } from './parse-received.ts'
export { AMBIGUITY_LIMITS } from './ambiguity.ts'
export type { Ambiguity, AmbiguityKind } from './ambiguity.ts'
export { AmbiguityReader, reportAmbiguities } from './ambiguity-report.ts'
export { chooseBodies } from './choose-bodies.ts'
export type { ChosenBodies } from './choose-bodies.ts'
export { decodeBody, decodeBodyText, readPartFields } from './part-fields.ts'
export type { PartFields } from './part-fields.ts'
export { PREVIEW_LIMITS, previewText } from './preview-text.ts'
export type { PreviewLimits } from './preview-text.ts'
export { bodyStructureOf } from './body-structure.ts'
export type { BodyStructure, MultipartStructure, SinglePartStructure } from './body-structure.ts'
export { envelopeOf } from './envelope.ts'
export type { Envelope, EnvelopeAddress } from './envelope.ts'
export type { Entity, EntityBody, EntityDate, EntityField, EntityReceived, FieldKind } from './entity.ts'
export { fieldKindOf } from './entity.ts'
export { encodeTransfer } from './encode-transfer.ts'
export { formatEntity } from './format-entity.ts'
export type { FormatEntityError } from './format-entity.ts'
export type { FieldValueError } from './format-field-value.ts'
export { readEntity } from './read-entity.ts'
export { UuencodeEncoder } from './uuencode-encoder.ts'
export { encodeYenc } from './yenc-encoder.ts'
export { compose } from './compose.ts'
export type {
  ComposedMail,
  ComposeError,
  ComposeOptions,
  MailAddress,
  MailGroup,
  MailPerson,
  NewMail,
} from './compose.ts'
export type { CalendarMethod, ComposeBodyError, InlineImage, NewAttachment, NewBody } from './compose-body.ts'
export { bodyPartsOf } from './email-body-part.ts'
export type { EmailBodyPart, EmailBodyParts } from './email-body-part.ts'
