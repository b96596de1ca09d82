import type { Privileges } from '@scop/bottle'

export const privileges: Privileges = {
  service: 'receiver',
  duty: 'Speaks SMTP to strangers and parses as little of it as it can.',
  listens: ['smtp'],
  accepts: [
    { role: 'operator', operations: ['health', 'metrics'] },
    { role: 'supervisor', operations: ['health'] },
  ],
  calls: [
    { role: 'directory', operations: ['resolve'] },
    { role: 'verifier', operations: ['verify'] },
  ],
  reaches: [],
  keepsData: false,
  secrets: ['tls-certificate'],
  limits: { heapMebibytes: 128, openFiles: 4096 },
  thief:
    'Sees incoming mail as it passes and can learn which recipients exist. Holds no mail and no password, and can call nothing that sends mail.',
}
