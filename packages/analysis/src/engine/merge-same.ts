import type { Fix } from '../finding.ts';
import type { Path } from '../resource.ts';
import type { Found } from './found.ts';

/** Whether the places are the same, or one is within the other. */
function areOneLine(a: Path = [], b: Path = []): boolean {
  const length = Math.min(a.length, b.length);
  for (let at = 0; at < length; at += 1) if (a[at] !== b[at]) return false;
  return true;
}

/** What others said of the same: their codes, and the fix of one of them. */
export type Also = { also: string[]; fix?: Fix };

/**
 * Leaves out what another finding says already: a rule names the codes that say the same as it (`sameAs`). The codes
 * that were left out go to the finding that stands, and with them a fix that it lacks. Keeps the order.
 */
export function mergeSame(all: readonly Found[]): {
  standing: readonly Found[];
  also: ReadonlyMap<Found, Also>;
} {
  const also = new Map<Found, Also>();
  if (!all.some(({ rule }) => rule.sameAs)) return { standing: all, also };
  const bySubject = new Map<string, Found[]>();
  for (const found of all) {
    const known = bySubject.get(found.subject.id);
    if (known) known.push(found);
    else bySubject.set(found.subject.id, [found]);
  }
  const saidBy = new Map<Found, Found>();
  for (const found of all) {
    const { sameAs } = found.rule;
    const same =
      sameAs &&
      bySubject
        .get(found.subject.id)
        ?.find(
          (other) =>
            sameAs.includes(`${other.rule.code}*`) ||
            (sameAs.includes(other.rule.code) && areOneLine(found.draft.path, other.draft.path)),
        );
    if (same) saidBy.set(found, same);
  }
  for (const found of saidBy.keys()) {
    let by = found;
    for (let next = saidBy.get(by); next; next = saidBy.get(by)) by = next;
    const { also: codes = [], fix = by.draft.fix ?? found.draft.fix } = also.get(by) ?? {};
    const named = codes.includes(found.rule.code) ? codes : [...codes, found.rule.code].sort();
    also.set(by, { also: named, ...(fix ? { fix } : {}) });
  }
  return { standing: all.filter((found) => !saidBy.has(found)), also };
}
