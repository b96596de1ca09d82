// Words that nobody said: made of syllables, and strings of letters of other scripts. Domains are those that no one can have.
// RFC 2606 §2, §3 (reserved names); RFC 5737 §3, RFC 3849 §2 (addresses for documentation)

const ONSETS = ['b', 'dr', 'k', 'l', 'm', 'n', 'pr', 'r', 'sk', 't', 'v', 'z']
const NUCLEI = ['a', 'e', 'i', 'o', 'u']
const CODAS = ['l', 'n', 'r', 's', 'm', 'nd', 'x']
const ENDINGS = ['', '', 'a', 'ik', 'oru', 'elin']

export const WORDS: readonly string[] = ONSETS.flatMap((onset) =>
  NUCLEI.flatMap((nucleus) =>
    CODAS.map((coda, i) => onset + nucleus + coda + (ENDINGS[(i + onset.length + nucleus.charCodeAt(0)) % 6] ?? '')),
  ),
)

/** Of many scripts; one has a character beyond U+FFFF, one a combining mark. */
export const UTF8_WORDS: readonly string[] = [
  'Ölmüz',
  'çarvå',
  'naïvel',
  'Žůrek',
  'ßorund',
  'ñandel',
  'Łazum',
  'ğıldor',
  'жилвур',
  'Щорав',
  'λομικα',
  'Ωρεντ',
  'שולמר',
  'كرودم',
  'काविर',
  'มาลุก',
  '山川野',
  'かぜみ',
  'トラノ',
  '바람솔',
  '雲海石',
  '🦊💌',
  'e\u0301tol',
  'Đưvon',
]

export const NAMES: readonly string[] = [
  'Velm',
  'Doria',
  'Tamsk',
  'Ruvel',
  'Ostrin',
  'Kelda',
  'Miro',
  'Zanth',
  'Pelu',
  'Brisko',
  'Andur',
  'Lioma',
  'Sarvek',
  'Nuri',
  'Orlo',
  'Quinta',
  'Hesk',
  'Jorun',
  'Wilmo',
  'Yara',
]

export const DOMAINS: readonly string[] = [
  'example.com',
  'example.org',
  'example.net',
  'mail.example.com',
  'lists.example.org',
  'mx1.example.net',
  'velm.example',
  'a.b.c.d.example',
  'x.test',
  'host-7.test',
  'relay.invalid',
  '3.example',
  'xn--mgbh0fb.example',
  'EXAMPLE.Com',
]

export const UTF8_DOMAINS: readonly string[] = ['bücher.example', 'пример.test', '例え.example', 'δοκιμή.test']

/** As written, and in the one form that is compared. RFC 5952 §4 */
export const IP_ADDRESSES: readonly { readonly literal: string; readonly address: string }[] = [
  { literal: '[192.0.2.1]', address: '192.0.2.1' },
  { literal: '[198.51.100.77]', address: '198.51.100.77' },
  { literal: '[203.0.113.250]', address: '203.0.113.250' },
  { literal: '[IPv6:2001:db8::1]', address: '2001:db8::1' },
  { literal: '[IPv6:2001:DB8:0:0:8:800:200C:417A]', address: '2001:db8::8:800:200c:417a' },
  { literal: '[IPv6:2001:db8:0:1::ffff]', address: '2001:db8:0:1::ffff' },
]
