/** Texts by number, so that each stands in a message once. */
export interface StringTable {
  of(text: string): number;
  readonly texts: string[];
}

export function createStringTable(): StringTable {
  const ids = new Map<string, number>();
  const texts: string[] = [];
  return {
    texts,
    of: (text) => {
      let id = ids.get(text);
      if (id === undefined) ids.set(text, (id = texts.push(text) - 1));
      return id;
    },
  };
}
