/** Finds what was made of a stretch of bytes before, without making a text of it. */
export interface Sections<T> {
  /** What was made of these bytes (whose hash is given), else what `make` makes of their text (a byte a character). */
  of(bytes: Buffer, from: number, to: number, hash: number, make: (text: string) => T): T;
}

/** More different stretches than this and all are forgotten: labels that never repeat must not eat memory. */
const mostSections = 200_000;

export function createSections<T>(): Sections<T> {
  let byHash = new Map<number, Entry<T>>();
  let count = 0;
  return {
    of: (bytes, from, to, hash, make) => {
      for (let entry = byHash.get(hash); entry !== undefined; entry = entry.next) {
        const { text } = entry;
        if (text.length === to - from && bytes.compare(text, 0, text.length, from, to) === 0) {
          return entry.value;
        }
      }
      if (count >= mostSections) {
        byHash = new Map();
        count = 0;
      }
      count++;
      const value = make(bytes.toString('latin1', from, to));
      const text = Buffer.from(bytes.subarray(from, to));
      byHash.set(hash, { text, value, next: byHash.get(hash) });
      return value;
    },
  };
}

interface Entry<T> {
  text: Buffer;
  value: T;
  next: Entry<T> | undefined;
}
