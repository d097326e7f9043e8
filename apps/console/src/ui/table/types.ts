import type { ReactNode } from 'react';
import type { Cell } from './export.ts';

export interface Column<T> {
  id: string;
  header: string;
  /** What is sorted, searched and exported. */
  value: (row: T) => Cell;
  /** What is shown; the value when missing. */
  cell?: (row: T) => ReactNode;
  /** CSS width; columns without one share the rest. */
  width?: string;
  align?: 'right';
  /** Left out on screens narrower than this. */
  hideBelow?: 'sm' | 'md' | 'lg' | 'xl';
  /** Shown only when chosen. */
  extra?: boolean;
  /** The cell may take several lines. */
  wrap?: boolean;
}

export const hideClass = {
  sm: 'max-sm:hidden',
  md: 'max-md:hidden',
  lg: 'max-lg:hidden',
  xl: 'max-xl:hidden',
} as const;

/** A sort as it stands in the URL: `name` up, `-name` down. */
export function parseSort(text: string, ids: string[]): { id: string; desc: boolean }[] {
  const id = text.replace(/^-/, '');
  return ids.includes(id) ? [{ id, desc: text.startsWith('-') }] : [];
}

export function formatSort(sort: { id: string; desc: boolean }[]): string {
  const first = sort[0];
  return first ? `${first.desc ? '-' : ''}${first.id}` : '';
}
