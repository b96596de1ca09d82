// Messages that cost a careless reader all its time or memory. Each is made here, from a few words: no data files.
// CVE-2020-12100, CVE-2024-23184, CVE-2026-26312 and their like in other implementations gave the ideas.

/** A message in pieces. One of more than some megabytes is read as it comes and never held. */
export type Bomb = { readonly pieces: () => Iterable<string>; readonly streamed?: true }

const whole = (text: () => string): Bomb => ({ pieces: () => [text()] })
const streamed = (head: string, piece: string, octets: number, tail = ''): Bomb => ({
  streamed: true,
  *pieces() {
    yield head
    for (let left = octets; left > 0; left -= piece.length) yield piece
    yield tail
  },
})
const multipart = (boundary: string, subtype = 'mixed'): string =>
  `Content-Type: multipart/${subtype}; boundary="${boundary}"\r\n\r\n`
const field = (name: string, value: string): Bomb =>
  whole(() => `MIME-Version: 1.0\r\n${name}: ${value}\r\n\r\nbody\r\n`)
const body = (headers: string, text: () => string): Bomb =>
  whole(() => `MIME-Version: 1.0\r\n${headers}\r\n\r\n${text()}`)
const list = (count: number, item: (i: number) => string, between = ''): string =>
  Array.from({ length: count }, (_, i) => item(i)).join(between)

const HEADER_ROOM = 250_000
const MEBIBYTE = 1024 * 1024

export const BOMBS: Readonly<Record<string, Bomb>> = {
  // parts
  '100,000 parts side by side': body(multipart('b').trimEnd(), () => `${'--b\r\n\r\nx\r\n'.repeat(100_000)}--b--`),
  '9,999 parts side by side, each with fields': body(multipart('b').trimEnd(), () =>
    list(
      9999,
      (i) =>
        `--b\r\nContent-Type: text/html; charset=utf-8\r\nContent-Disposition: inline; filename=a${i}\r\nContent-Transfer-Encoding: base64\r\n\r\nQUJD\r\n`,
    ),
  ),
  '9,999 messages side by side': body(multipart('b', 'digest').trimEnd(), () =>
    list(9999, (i) => `--b\r\n\r\nFrom: a${i}@example.org\r\nSubject: =?utf-8?Q?a?=\r\n\r\nx\r\n`),
  ),
  '10,000 multiparts in each other': whole(() => list(10_000, (i) => `${multipart(`b${i}`)}--b${i}\r\n`)),
  '10,000 multiparts in each other, one boundary': whole(() => `${multipart('b')}--b\r\n`.repeat(10_000)),
  '20,000 messages in each other': whole(() => 'Content-Type: message/rfc822\r\n\r\n'.repeat(20_000)),
  'messages and multiparts in turn': whole(() =>
    list(10_000, (i) => `Content-Type: message/rfc822\r\n\r\n${multipart(`b${i}`)}--b${i}\r\n`),
  ),
  '60 multiparts in each other around text and HTML': whole(
    () =>
      `${list(60, (i) => `${multipart(`b${i}`, 'alternative')}--b${i}\r\n`)}${list(9000, () => '--b59\r\nContent-Type: text/html\r\n\r\n<p>x\r\n')}`,
  ),
  'a boundary of one octet': body(multipart('-').trimEnd(), () => '---\r\n'.repeat(300_000)),
  'boundaries that are each the beginning of the next': whole(
    () =>
      `${list(63, (i) => `${multipart('b'.repeat(i + 1))}--${'b'.repeat(i + 1)}\r\n`)}${list(50_000, (i) => `--${'b'.repeat(i % 70)}x\r\n`)}`,
  ),
  '256 boundaries of 256 octets, and lines like them': whole(
    () =>
      `${list(256, (i) => `${multipart(`${'b'.repeat(253)}${String(i).padStart(3, '0')}`)}--${'b'.repeat(253)}${String(i).padStart(3, '0')}\r\n`)}${`--${'b'.repeat(253)}x\r\n`.repeat(20_000)}`,
  ),
  'a million lines of dashes': body(multipart('b').trimEnd(), () => '--\r\n'.repeat(1_000_000)),
  'dashes and nothing else': body(multipart('b').trimEnd(), () => '-'.repeat(4 * MEBIBYTE)),
  'a million dashes, each on its line': body(multipart('b').trimEnd(), () => '-\n'.repeat(1_000_000)),
  'delimiters after the close delimiter': body(
    multipart('b').trimEnd(),
    () => `--b\r\n\r\n--b--\r\n${'--b\r\n'.repeat(500_000)}`,
  ),
  // headers
  'a header line of 1 MB': whole(() => `Subject: ${'x'.repeat(1_000_000)}\r\n\r\nbody`),
  'a header of 1 MB in many fields': whole(() => `${'A: b\r\n'.repeat(170_000)}\r\nbody`),
  'a header of as many fields as may be': whole(() => `${'A: b\n'.repeat(2000)}\r\n`),
  'a header line that just fits': field('Subject', 'x '.repeat(HEADER_ROOM / 2)),
  'as many continuation lines as fit': field('Subject', '\n x'.repeat(HEADER_ROOM / 3)),
  'as many bare CR as fit': field('Subject', '\r'.repeat(HEADER_ROOM)),
  'lines that are no fields': whole(() => `${'x\r\n'.repeat(80_000)}\r\nbody`),
  'fields that are not UTF-8': whole(() => `${'\xff: \xff\xfe\xfd\r\nSubject: \xff\xfe\xfd\r\n'.repeat(499)}\r\nbody`),
  'headers of parts as long as they may be': body(multipart('b').trimEnd(), () =>
    `--b\r\nX: ${'x'.repeat(HEADER_ROOM)}\r\n\r\n`.repeat(20),
  ),
  'parts with as many fields as may be': body(multipart('b').trimEnd(), () =>
    `--b\r\n${'A: b\r\n'.repeat(1900)}\r\n`.repeat(40),
  ),
  NULs: whole(() => '\0'.repeat(2 * MEBIBYTE)),
  'NULs in fields': field('Subject', '\0'.repeat(HEADER_ROOM)),
  // addresses, identifiers, dates, trace
  '100,000 addresses in To': field(
    'To',
    list(100_000, (i) => `a${i}@example.org`, ',\r\n '),
  ),
  '12,000 addresses in To, which fit': field(
    'To',
    list(12_000, (i) => `a${i}@example.org`, ',\r\n '),
  ),
  '2,000 addresses in each of 6 fields': whole(
    () =>
      `${list(6, (i) => `${['From', 'Sender', 'Reply-To', 'To', 'Cc', 'Bcc'][i]}: ${list(1999, (j) => `a${j}@example.org`, ', ')}\r\n`)}\r\n`,
  ),
  'groups without end': field('To', 'a:'.repeat(60_000)),
  'routes without end': field('To', `<${'@a,'.repeat(40_000)}`),
  'comments in each other': field('To', '('.repeat(120_000)),
  'a million open comments': field('To', '('.repeat(1_000_000)),
  'comments side by side': field('To', '(a)'.repeat(40_000)),
  'a quoted string without end': field('To', `"${'a\\"'.repeat(40_000)}`),
  'quoted strings without end': field('To', '"a" '.repeat(30_000)),
  angles: field('References', '<'.repeat(HEADER_ROOM)),
  'references to 100,000 messages': field(
    'References',
    list(100_000, (i) => `<a${i}@b>`, '\r\n '),
  ),
  'references to as many as fit': field(
    'References',
    list(20_000, (i) => `<a${i}@b>`, ' '),
  ),
  'identifiers with comments': field('References', '<(a)(b)'.repeat(30_000)),
  'words of a date': field('Date', 'Mon, '.repeat(40_000)),
  'a short date of many words': field('Date', '1 '.repeat(2000)),
  'comments in a date': field('Date', '('.repeat(HEADER_ROOM)),
  'clauses of Received': field('Received', 'from a by b '.repeat(20_000)),
  'comments in Received': field('Received', 'from a (('.repeat(25_000)),
  results: field('Authentication-Results', `a; ${list(15_000, (i) => `dkim=pass a.b=${i}`, '; ')}`),
  'comments in results': field('Authentication-Results', `a; dkim=(${'('.repeat(HEADER_ROOM - 20)}`),
  'list commands': field('List-Unsubscribe', '<a:b>,'.repeat(40_000)),
  'open list commands': field('List-Unsubscribe', '<'.repeat(HEADER_ROOM)),
  'a list identifier': field('List-Id', '('.repeat(HEADER_ROOM)),
  keywords: field('Keywords', 'a,'.repeat(HEADER_ROOM / 2)),
  languages: field('Content-Language', 'a,'.repeat(HEADER_ROOM / 2)),
  // parameters
  '20,000 parameters': field('Content-Type', `text/plain${list(20_000, (i) => `; a${i}=b`)}`),
  'one parameter 30,000 times': field('Content-Type', `text/plain${'; a=b'.repeat(30_000)}`),
  '20,000 sections': field('Content-Type', `text/plain${list(20_000, (i) => `; a*${i}=b`)}`),
  '400 long sections': field('Content-Type', `text/plain${list(400, (i) => `; name*${i}*=${'%41'.repeat(180)}`)}`),
  'sections of no charset': field('Content-Disposition', `attachment${list(9000, (i) => `; filename*${i}*=x''%ff`)}`),
  'quotes in parameters': field('Content-Type', `text/plain; a=${'"'.repeat(HEADER_ROOM - 50)}`),
  'comments in parameters': field('Content-Type', `text/plain; a=b ${'(a)'.repeat(HEADER_ROOM / 3 - 20)} c`),
  'open comments in parameters': field('Content-Type', `text/plain; a=b ${'( '.repeat(HEADER_ROOM / 2 - 50)}`),
  'parameters without semicolons': field('Content-Type', `text/plain ${'a= '.repeat(HEADER_ROOM / 3 - 50)}`),
  'nothing but semicolons': field('Content-Type', `text/plain${';'.repeat(HEADER_ROOM - 50)}`),
  'parameters of 9,999 parts': body(multipart('b').trimEnd(), () =>
    `--b\r\nContent-Type: text/plain${'; a*0*=%41; b="c'.repeat(10)}\r\n\r\n`.repeat(9999),
  ),
  // encoded words
  'encoded words that never end': field('Subject', '=?utf-8?Q?a '.repeat(HEADER_ROOM / 12 - 10)),
  'encoded words that are nothing': field('Subject', '=?'.repeat(HEADER_ROOM / 2 - 20)),
  'a chain of encoded words': field('Subject', '=?utf-8?B?YQ==?='.repeat(15_000)),
  'a chain of encoded words, with spaces': field('Subject', '=?utf-8?Q?=F0=9F?= '.repeat(13_000)),
  'encoded words of changing charsets': field(
    'Subject',
    list(4900, (i) => `=?${['utf-8', 'gb18030', 'iso-2022-jp', 'utf-7', 'big5', 'x'][i % 6]}?Q?=a4=a2?=`, ' '),
  ),
  'one long encoded word': field('Subject', `=?iso-2022-jp?B?${'GyRC'.repeat(HEADER_ROOM / 4 - 50)}?=`),
  'encoded words in names': field(
    'To',
    list(1900, (i) => `=?utf-8?Q?=C3=A4?= <a${i}@example.org>`, ', '),
  ),
  // bodies
  'HTML of a million tags': body('Content-Type: text/html', () => '<b>'.repeat(1_000_000)),
  'HTML of a million open tags': body('Content-Type: text/html', () => '<'.repeat(3_000_000)),
  'HTML of scripts that never end': body('Content-Type: text/html', () => '<script></'.repeat(300_000)),
  'HTML of comments that never end': body('Content-Type: text/html', () => '<!--'.repeat(700_000)),
  'HTML of entities': body('Content-Type: text/html', () => '&amp;'.repeat(600_000)),
  'HTML of white space': body('Content-Type: text/html', () => ' '.repeat(3_000_000)),
  'base64 with padding after each quad': body('Content-Transfer-Encoding: base64', () => 'QQ=='.repeat(700_000)),
  'base64 of one octet a line': body('Content-Transfer-Encoding: base64', () => 'Q\n'.repeat(1_500_000)),
  'base64 with junk now and then': body('Content-Transfer-Encoding: base64', () =>
    `${'QUJD'.repeat(500)}!`.repeat(1500),
  ),
  'base64 of junk': body('Content-Transfer-Encoding: base64', () => '!\xff'.repeat(1_500_000)),
  'quoted-printable of nothing but =': body('Content-Transfer-Encoding: quoted-printable', () => '='.repeat(3_000_000)),
  'quoted-printable of soft breaks': body('Content-Transfer-Encoding: quoted-printable', () =>
    '= \r\n'.repeat(750_000),
  ),
  'quoted-printable of broken soft breaks': body('Content-Transfer-Encoding: quoted-printable', () =>
    `=${' '.repeat(1000)}x`.repeat(3000),
  ),
  'quoted-printable of many = before white space': body('Content-Transfer-Encoding: quoted-printable', () =>
    '= '.repeat(1_500_000),
  ),
  'quoted-printable of white space': body('Content-Transfer-Encoding: quoted-printable', () => ' '.repeat(3_000_000)),
  'uuencode of short lines': body(
    'Content-Transfer-Encoding: x-uuencode',
    () => `begin 644 a\n${'#86)C\n'.repeat(400_000)}`,
  ),
  'uuencode of lengths alone': body(
    'Content-Transfer-Encoding: x-uuencode',
    () => `begin 644 a\n${'_\n'.repeat(1_500_000)}`,
  ),
  'uuencode without beginning': body('Content-Transfer-Encoding: x-uuencode', () => 'begin\n'.repeat(400_000)),
  'uuencode of one line': body('Content-Transfer-Encoding: x-uuencode', () => `begin 644 a\n${'M'.repeat(3_000_000)}`),
  'yEnc of keyword lines': body(
    'Content-Transfer-Encoding: x-yenc',
    () => `=ybegin line=1 size=1 name=a\r\n${'=y\r\n'.repeat(600_000)}`,
  ),
  'yEnc of escapes': body(
    'Content-Transfer-Encoding: x-yenc',
    () => `=ybegin line=1 size=1 name=a\r\n${'='.repeat(3_000_000)}`,
  ),
  'UTF-7 of shifts': body('Content-Type: text/plain; charset=utf-7', () => '+AGE-'.repeat(500_000)),
  'UTF-7 that never shifts back': body('Content-Type: text/plain; charset=utf-7', () => `+${'A'.repeat(2_500_000)}`),
  'ISO-2022-JP of escapes': body('Content-Type: text/plain; charset=iso-2022-jp', () => '\x1b$B\x1b(B'.repeat(400_000)),
  'text in no charset': body('Content-Type: text/plain; charset=x-none', () => '\xff'.repeat(3_000_000)),
  'text that is nearly UTF-8': body(
    'Content-Type: text/plain; charset=us-ascii',
    () => '\xc3\xa4'.repeat(1_500_000) + '\xff',
  ),
  // what nobody holds
  'a line of 64 MB': streamed('Subject: x\r\n\r\n', 'x'.repeat(65_536), 64 * MEBIBYTE),
  'a header of 64 MB': streamed('Subject: ', 'x'.repeat(65_536), 64 * MEBIBYTE),
  'a part of 64 MB': streamed(`${multipart('b')}--b\r\n\r\n`, 'x'.repeat(65_536), 64 * MEBIBYTE, '\r\n--b--'),
  'a delimiter of 64 MB': streamed(`${multipart('b')}--b`, ' '.repeat(65_536), 64 * MEBIBYTE),
  'base64 of 64 MB': streamed(
    'Content-Transfer-Encoding: base64\r\n\r\n',
    `${'QUJD'.repeat(19)}\r\n`.repeat(840),
    64 * MEBIBYTE,
  ),
  'quoted-printable of 64 MB': streamed(
    'Content-Transfer-Encoding: quoted-printable\r\n\r\n',
    `${'=C3=A4 a '.repeat(8)}=\r\n`.repeat(840),
    64 * MEBIBYTE,
  ),
  'white space of 64 MB': streamed(
    'Content-Transfer-Encoding: quoted-printable\r\n\r\n',
    ' '.repeat(65_536),
    64 * MEBIBYTE,
  ),
  'a uuencoded line of 64 MB': streamed(
    'Content-Transfer-Encoding: x-uuencode\r\n\r\nbegin 644 a\n',
    'M'.repeat(65_536),
    64 * MEBIBYTE,
  ),
  'yEnc of 32 MB': streamed(
    'Content-Transfer-Encoding: x-yenc\r\n\r\n=ybegin line=1 size=1 name=a\r\n',
    'x'.repeat(65_536),
    32 * MEBIBYTE,
  ),
}
