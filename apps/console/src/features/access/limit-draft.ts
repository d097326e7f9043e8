import { limitVerbs, type Limit, type LimitVerb } from '@ambit/contracts/limits';

export interface LimitDraft {
  meshId: string;
  namespaces: string;
  verbs: 'all' | 'keep' | 'read';
}

export const noLimit: LimitDraft = { meshId: '', namespaces: '', verbs: 'all' };

const reads: LimitVerb[] = ['get', 'list', 'watch'];
const verbsOf: Record<LimitDraft['verbs'], LimitVerb[] | undefined> = {
  all: undefined,
  keep: limitVerbs.filter((verb) => verb !== 'delete'),
  read: reads,
};

/** Names with commas or spaces between them. */
export const parseNamespaces = (text: string): string[] => text.split(/[\s,]+/).filter(Boolean);

/** The limits that a form asks for; undefined: none. */
export function limitsOfDraft({ meshId, namespaces, verbs }: LimitDraft): Limit[] | undefined {
  const names = parseNamespaces(namespaces);
  const allowed = verbsOf[verbs];
  const limit: Limit = {
    ...(meshId ? { meshId } : {}),
    ...(names.length > 0 ? { namespaces: names } : {}),
    ...(allowed ? { verbs: allowed } : {}),
  };
  return Object.keys(limit).length > 0 ? [limit] : undefined;
}

/** A form for limits that are there; undefined when they are more than a form shows. */
export function draftOf(limits: readonly Limit[] | null): LimitDraft | undefined {
  if (limits === null) return noLimit;
  const [limit, ...others] = limits;
  if (limit === undefined || others.length > 0) return undefined;
  const same = (a: readonly string[] | undefined, b: readonly string[] | undefined) =>
    a === b || (a?.length === b?.length && a?.every((verb) => b?.includes(verb)));
  const verbs = (['all', 'keep', 'read'] as const).find((each) => same(verbsOf[each], limit.verbs));
  if (verbs === undefined) return undefined;
  return { meshId: limit.meshId ?? '', namespaces: limit.namespaces?.join(', ') ?? '', verbs };
}
