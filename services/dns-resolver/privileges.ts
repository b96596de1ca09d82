import type { Privileges } from '@scop/bottle'

export const privileges: Privileges = {
  service: 'dns-resolver',
  duty: 'Asks the DNS for all of us, and says which answers are validly signed.',
  listens: ['resolver', 'resolver-tls'],
  accepts: [
    { role: 'relay', operations: ['mx', 'address'] },
    { role: 'verifier', operations: ['txt', 'records'] },
    { role: 'dns-primary', operations: ['ds'] },
    {
      role: 'operator',
      operations: [
        'health',
        'metrics',
        'mx',
        'txt',
        'tlsa',
        'address',
        'records',
        'ds',
        'query',
        'reload-zones',
        'forget',
      ],
    },
    { role: 'supervisor', operations: ['health'] },
  ],
  calls: [{ role: 'dns-primary', operations: ['list-zones', 'zone-ds'] }],
  reaches: ['dns-anywhere'],
  keepsData: true,
  secrets: [],
  limits: { heapMebibytes: 192, openFiles: 4096 },
  thief:
    'Sees which names we ask for, and can give false answers: false keys to the verifier, false mail hosts to the relay. Cannot read mail, sign, or check a password.',
}
