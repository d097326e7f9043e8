import { parseAsStringLiteral, useQueryState } from 'nuqs';

/** A dialog that is open when the URL says `name=1`. */
export function useFlag(name: string): [on: boolean, set: (on: boolean) => void] {
  const [value, set] = useQueryState(name, parseAsStringLiteral(['1']));
  return [value === '1', (on) => void set(on ? '1' : null)];
}
