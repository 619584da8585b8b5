// Amounts in sentences, in MiB whatever their size.
const mebibyte = 1024 * 1024;

/** `12.3 MiB`. */
export function mebibytes(bytes: number): string {
  return `${(bytes / mebibyte).toFixed(1)} MiB`;
}

/** `13 MiB`, rounded up: what is told to be missing is enough. */
export function wholeMebibytes(bytes: number): string {
  return `${Math.ceil(bytes / mebibyte)} MiB`;
}
