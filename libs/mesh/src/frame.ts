// Frames: how a message is cut on its stream. The length stands first, so no payload can look like an end.
// frame = kind (u8) length (u32, big-endian) payload

/** `refusal` stands in place of a whole answer. */
export type FrameKind = 'head' | 'octets' | 'tail' | 'refusal'

export const FRAME_HEADER_OCTETS = 5

/** One frame, copied: the payload may be written to again at once. */
export function encodeFrame(kind: FrameKind, payload: Uint8Array): Uint8Array {
  const frame = new Uint8Array(FRAME_HEADER_OCTETS + payload.length)
  writeFrameHeader(frame, 0, kind, payload.length)
  frame.set(payload, FRAME_HEADER_OCTETS)
  return frame
}

/** Writes the header of a frame with `length` octets of payload at `at`. */
export function writeFrameHeader(into: Uint8Array, at: number, kind: FrameKind, length: number): void {
  into[at] = CODES[kind]
  into[at + 1] = length >>> 24
  into[at + 2] = length >>> 16
  into[at + 3] = length >>> 8
  into[at + 4] = length
}

/** The kind with this number, or `undefined`. */
export function frameKind(code: number): FrameKind | undefined {
  return KINDS[code]
}

const CODES: Readonly<Record<FrameKind, number>> = { head: 1, octets: 2, tail: 3, refusal: 4 }
const KINDS: readonly (FrameKind | undefined)[] = [undefined, 'head', 'octets', 'tail', 'refusal']
