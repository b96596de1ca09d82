import type { Privileges } from '@scop/bottle'

export const privileges: Privileges = {
  service: 'receiver',
  duty: 'Speaks SMTP to strangers, turns away those who are banned, and parses as little of it as it can.',
  listens: ['smtp'],
  accepts: [
    { role: 'verifier', operations: ['firewall-learn'] },
    { role: 'operator', operations: ['health', 'metrics', 'firewall-list', 'firewall-add', 'firewall-undo'] },
    { role: 'supervisor', operations: ['health'] },
  ],
  calls: [
    { role: 'directory', operations: ['resolve'] },
    { role: 'verifier', operations: ['verify', 'observe'] },
  ],
  reaches: [],
  keepsData: true,
  secrets: ['tls-certificate'],
  limits: { heapMebibytes: 128, openFiles: 4096 },
  thief:
    'Sees incoming mail as it passes and can learn which recipients exist. Can say falsely who misbehaved, and let in or lock out whom he likes. Holds no mail and no password, and can call nothing that sends mail.',
}
