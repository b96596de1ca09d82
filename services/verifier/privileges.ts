import type { Privileges } from '@scop/bottle'

export const privileges: Privileges = {
  service: 'verifier',
  duty: 'Checks who really sent a message; writes Authentication-Results.',
  listens: [],
  accepts: [
    { role: 'receiver', operations: ['verify'] },
    { role: 'operator', operations: ['health', 'metrics'] },
    { role: 'supervisor', operations: ['health'] },
  ],
  calls: [
    { role: 'dns-resolver', operations: ['txt', 'records'] },
    { role: 'mailbox', operations: ['deliver'] },
  ],
  reaches: [],
  keepsData: false,
  secrets: [],
  limits: { heapMebibytes: 96, openFiles: 1024 },
  thief:
    'Sees incoming mail as it passes and can say that a forgery is genuine. Holds nothing on disk, no key, no password.',
}
