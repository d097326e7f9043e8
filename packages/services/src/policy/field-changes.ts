import { canonicalJson } from '@ambit/contracts/canonical';

/** One field that differs; `path` is a JSON pointer, into the older object for `remove`, else into the newer. */
export interface FieldChange {
  op: 'add' | 'remove' | 'replace';
  path: string;
  before?: unknown;
  after?: unknown;
}

const mostChanges = 200;

/**
 * What differs between two objects, field by field, at most 200 fields. Pure. Lists are compared without the
 * entries that both begin and end with, so one that was put in between is one change.
 */
export function fieldChanges(before: unknown, after: unknown): FieldChange[] {
  const changes: FieldChange[] = [];
  compare(before, after, '', changes);
  return changes;
}

function compare(before: unknown, after: unknown, path: string, changes: FieldChange[]): void {
  if (changes.length >= mostChanges) return;
  if (before === undefined && after === undefined) return;
  if (before === undefined) changes.push({ op: 'add', path, after });
  else if (after === undefined) changes.push({ op: 'remove', path, before });
  else if (Array.isArray(before) && Array.isArray(after)) lists(before, after, path, changes);
  else if (isRecord(before) && isRecord(after)) {
    for (const key of new Set([...Object.keys(before), ...Object.keys(after)])) {
      const token = key.replaceAll('~', '~0').replaceAll('/', '~1');
      compare(before[key], after[key], `${path}/${token}`, changes);
    }
  } else if (before !== after) changes.push({ op: 'replace', path, before, after });
}

function lists(before: unknown[], after: unknown[], path: string, changes: FieldChange[]): void {
  const old = before.map(canonicalJson);
  const next = after.map(canonicalJson);
  let head = 0;
  while (head < old.length && head < next.length && old[head] === next[head]) head++;
  let tail = 0;
  while (
    tail < old.length - head &&
    tail < next.length - head &&
    old[old.length - 1 - tail] === next[next.length - 1 - tail]
  ) {
    tail++;
  }
  const [oldEnd, nextEnd] = [old.length - tail, next.length - tail];
  for (let i = head; i < Math.max(oldEnd, nextEnd); i++) {
    const [was, is] = [i < oldEnd ? before[i] : undefined, i < nextEnd ? after[i] : undefined];
    compare(was, is, `${path}/${i}`, changes);
  }
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
