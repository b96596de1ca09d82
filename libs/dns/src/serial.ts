// Serial numbers: 32 bits, compared around the circle.      RFC 1982 §3

/** Whether `a` comes after `b`; false too where the two are exactly half the circle apart. */
export function isSerialAfter(a: number, b: number): boolean {
  const distance = (a - b) >>> 0
  return distance !== 0 && distance < 0x80000000
}

/** The next serial; never 0, which some servers take for "none" (RFC 2136 §4.2 note). */
export function nextSerial(serial: number): number {
  const next = (serial + 1) >>> 0
  return next === 0 ? 1 : next
}
