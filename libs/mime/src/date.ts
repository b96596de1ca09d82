// Dates as messages carry them: `Fri, 21 Nov 1997 09:55:06 -0600`.
// RFC 5322 §3.3

/** `epochMilliseconds` (1970-01-01T00:00Z) on a clock `offsetMinutes` east of UTC. The year must be 1900 to 9999. */
export function formatDate(epochMilliseconds: number, offsetMinutes = 0): string {
  if (!Number.isInteger(offsetMinutes) || Math.abs(offsetMinutes) >= 100 * 60) {
    throw new RangeError(`Cannot write a date: ${offsetMinutes} minutes is no zone`)
  }
  const local = new Date(epochMilliseconds + offsetMinutes * 60_000)
  const year = local.getUTCFullYear()
  if (!(year >= 1900 && year <= 9999))
    throw new RangeError(`Cannot write a date: ${epochMilliseconds} ms is out of range`)
  const time = [local.getUTCHours(), local.getUTCMinutes(), local.getUTCSeconds()].map(twoDigits).join(':')
  const zone = `${offsetMinutes < 0 ? '-' : '+'}${twoDigits(Math.trunc(Math.abs(offsetMinutes) / 60))}${twoDigits(Math.abs(offsetMinutes) % 60)}`
  return `${DAYS[local.getUTCDay()]}, ${local.getUTCDate()} ${MONTHS[local.getUTCMonth()]} ${year} ${time} ${zone}`
}

const twoDigits = (value: number): string => String(value).padStart(2, '0')

const DAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat']
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']
