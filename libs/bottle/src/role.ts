// Roles: who may stand at an end of a pipe. A certificate names one of these and nothing else.

/** The services of a bottle, in the order in which they start: whom a service calls starts before it. */
export const SERVICES = [
  'dns-primary',
  'dns-resolver',
  'directory',
  'mailbox',
  'relay',
  'signer',
  'verifier',
  'submission',
  'receiver',
] as const

export type ServiceName = (typeof SERVICES)[number]

/** `operator` is the person at the command line; `supervisor` starts the services and answers for their processes. */
export type Role = ServiceName | 'supervisor' | 'operator'

const ROLES: readonly string[] = [...SERVICES, 'supervisor', 'operator']

export function isRole(text: string): text is Role {
  return ROLES.includes(text)
}
