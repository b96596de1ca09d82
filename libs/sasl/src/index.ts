export type { Authenticator, Refusal, ScramParameters, ScramVerified } from './authenticator.ts'
export { actsAsItself } from './authorization-identity.ts'
export { serverEndPointBinding, TLS_EXPORTER, tlsChannel } from './channel-binding.ts'
export type { Channel, ChannelBinding, ChannelBindingType, TlsFacts } from './channel-binding.ts'
export { DEFAULT_LIMITS } from './limits.ts'
export type { Limits } from './limits.ts'
export type {
  ClientFailure,
  ClientMechanism,
  ClientOptions,
  ClientStep,
  Mechanism,
  ServerFailure,
  ServerMechanism,
  ServerOptions,
  ServerStep,
} from './mechanism.ts'
export { formatNonce } from './nonce.ts'
export { formatPlainMessage, parsePlainMessage, PLAIN } from './plain.ts'
export type { PlainMessage } from './plain.ts'
export { preparePassword, prepareUsername } from './precis.ts'
export type { PrecisError } from './precis.ts'
export {
  chooseMechanism,
  clientMechanism,
  MECHANISMS,
  offerMechanisms,
  serverMechanism,
} from './registry.ts'
export type { ClientRequest, MechanismError, ServerRequest } from './registry.ts'
export { SCRAM_SHA_256, SCRAM_SHA_256_PLUS } from './scram.ts'
export { deriveScramCredentials, fakeScramSalt, verifyScramProof } from './scram-credentials.ts'
export type { ScramCredentials } from './scram-credentials.ts'
export {
  formatClientFinal,
  formatClientFirst,
  formatServerFinal,
  formatServerFirst,
  parseClientFinal,
  parseClientFirst,
  parseServerFinal,
  parseServerFirst,
} from './scram-message.ts'
export type { ClientFinal, ClientFirst, Gs2Header, ServerFinal, ServerFirst } from './scram-message.ts'
export type { SyntaxFailure } from './syntax-failure.ts'
