import type { Privileges } from '@scop/bottle'

export const privileges: Privileges = {
  service: 'relay',
  duty: 'Keeps the queue; finds the receiving server, delivers, bounces.',
  listens: [],
  accepts: [
    { role: 'signer', operations: ['enqueue'] },
    { role: 'mailbox', operations: ['enqueue'] },
    {
      role: 'operator',
      operations: ['health', 'metrics', 'queue-list', 'queue-show', 'queue-retry', 'queue-drop'],
    },
    { role: 'supervisor', operations: ['health'] },
  ],
  calls: [
    { role: 'directory', operations: ['resolve'] },
    { role: 'dns-resolver', operations: ['mx', 'address'] },
    { role: 'mailbox', operations: ['deliver'] },
  ],
  reaches: ['smtp-anywhere'],
  keepsData: true,
  secrets: [],
  limits: { heapMebibytes: 192, openFiles: 4096 },
  thief:
    'Holds the mail that is on its way out, and can send from our address, unsigned. Cannot read stored mail, sign, or check a password.',
}
