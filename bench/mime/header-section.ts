// What a caller may do for a parser that cannot stop after the header: cut it off by the cheapest search there is.

export function headerSection(message: Uint8Array): Uint8Array {
  const octets = Buffer.from(message.buffer, message.byteOffset, message.byteLength)
  const crlf = octets.indexOf('\r\n\r\n')
  if (crlf >= 0) return octets.subarray(0, crlf + 4)
  const lf = octets.indexOf('\n\n')
  return lf < 0 ? octets : octets.subarray(0, lf + 2)
}
