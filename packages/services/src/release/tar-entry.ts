const block = 512;

/**
 * One file of a tar archive by its base name (POSIX ustar).
 * @returns undefined when there is none
 */
export function tarEntry(tar: Buffer, name: string): Buffer | undefined {
  for (let at = 0; at + block <= tar.length;) {
    const path = text(tar, at, 100);
    if (path === '') return undefined;
    const size = Number.parseInt(text(tar, at + 124, 12), 8) || 0;
    const type = text(tar, at + 156, 1);
    const isFile = type === '' || type === '0';
    if (isFile && path.split('/').at(-1) === name) {
      return tar.subarray(at + block, at + block + size);
    }
    at += block + Math.ceil(size / block) * block;
  }
  return undefined;
}

function text(tar: Buffer, from: number, length: number): string {
  const raw = tar.subarray(from, from + length);
  const end = raw.indexOf(0);
  return raw
    .subarray(0, end < 0 ? length : end)
    .toString('utf8')
    .trim();
}
