import type { Privileges } from '@scop/bottle'

export const privileges: Privileges = {
  service: 'submission',
  duty: 'Takes mail from authenticated users.',
  listens: ['submissions', 'submission'],
  accepts: [
    { role: 'operator', operations: ['health', 'metrics'] },
    { role: 'supervisor', operations: ['health'] },
  ],
  calls: [
    { role: 'directory', operations: ['resolve', 'verify-password', 'scram-parameters', 'verify-scram', 'owns'] },
    { role: 'signer', operations: ['submit'] },
  ],
  reaches: [],
  keepsData: false,
  secrets: ['tls-certificate'],
  limits: { heapMebibytes: 128, openFiles: 4096 },
  thief:
    'Sees what users submit while it is held (passwords of PLAIN logins too) and can send as them. Holds no verifier, no mail, no DKIM key.',
}
