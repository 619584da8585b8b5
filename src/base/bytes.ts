// Rows of bytes.

/** One behind the other, behind `room` zeros. */
export function concatenate(parts: readonly Uint8Array[], room = 0): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, room));
  let at = room;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
