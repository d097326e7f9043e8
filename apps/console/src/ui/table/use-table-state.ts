import { parseAsString, useQueryStates } from 'nuqs';
import { useState } from 'react';

/** Filter and sort of a table, kept in the URL under `q` and `sort` (with `prefix-` before them when given). */
export function useTableState(prefix: string, defaultSort: string) {
  const q = prefix ? `${prefix}-q` : 'q';
  const sort = prefix ? `${prefix}-sort` : 'sort';
  const [state, set] = useQueryStates(
    { [q]: parseAsString.withDefault(''), [sort]: parseAsString.withDefault(defaultSort) },
    { history: 'replace', throttleMs: 200 },
  );
  return {
    filter: state[q] ?? '',
    sort: state[sort] ?? defaultSort,
    setFilter: (value: string) => void set({ [q]: value || null }),
    setSort: (value: string) => void set({ [sort]: value === defaultSort ? null : value }),
  };
}

/** Which columns are shown, kept in this browser per table. */
export function useColumnChoice(table: string, standard: Record<string, boolean>) {
  const key = `ambit.columns.${table}`;
  const [shown, setShown] = useState<Record<string, boolean>>(() => {
    if (typeof localStorage === 'undefined') return standard;
    try {
      return { ...standard, ...(JSON.parse(localStorage.getItem(key) ?? '{}') as object) };
    } catch {
      return standard;
    }
  });
  const show = (id: string, visible: boolean) => {
    const next = { ...shown, [id]: visible };
    setShown(next);
    localStorage.setItem(key, JSON.stringify(next));
  };
  return { shown, show };
}
