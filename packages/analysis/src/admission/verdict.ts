import type { Finding } from '../finding.ts';
import type { Change, Delta, Incremental } from '../incremental.ts';
import { lostBy } from '../protection/lost.ts';
import type { Resource } from '../resource.ts';
import { adviceFor } from './advice.ts';
import type { AdmissionSettings } from './settings.ts';
import { isOff, modeOf } from './settings.ts';

/** What admission says about a write. */
export interface Verdict {
  denied: Finding[];
  warned: Finding[];
}

export const admitted: Verdict = { denied: [], warned: [] };

/**
 * What the changes of a write would introduce, and what is done about each. Pure but for the engine, left as it was.
 * @param onlyEnds only protection that it ends is asked about
 */
export function judge(
  incremental: Pick<Incremental, 'preview' | 'resource' | 'facts'>,
  settings: AdmissionSettings,
  changes: Change[],
  now: number,
  { onlyEnds = false }: { onlyEnds?: boolean } = {},
): Verdict {
  if (changes.length === 0 || isOff(settings)) return admitted;
  const delta = incremental.preview(changes);
  const introduced = onlyEnds ? [] : delta.introduced;
  const told = toldOf({ ...delta, introduced }, changes, incremental);
  return sorted(told, settings, changes, now);
}

/** What a write introduces: what rules find, and protection that it ends. */
export const toldOf = (
  { introduced, ended }: Pick<Delta, 'introduced' | 'ended'>,
  changes: readonly Change[],
  known: Pick<Incremental, 'resource' | 'facts'>,
): Finding[] => [...introduced, ...lostBy(ended, changes, introduced, known)];

/** Introduced findings by what is done about them. */
export function sorted(
  introduced: readonly Finding[],
  settings: AdmissionSettings,
  changes: Change[],
  now: number,
): Verdict {
  const written = new Map(
    changes.flatMap((change): [string, Resource][] =>
      'put' in change ? [[placeOf(change.put), change.put]] : [],
    ),
  );
  const verdict: Verdict = { denied: [], warned: [] };
  for (const finding of introduced) {
    const subject = written.get(placeOf(finding));
    const mode = modeOf(settings, finding, subject?.annotations ?? {}, now);
    if (mode === 'deny') verdict.denied.push(finding);
    if (mode === 'warn') verdict.warned.push(finding);
  }
  return verdict;
}

const placeOf = ({ kind, namespace, name }: { kind: string; namespace: string; name: string }) =>
  `${kind === 'KubernetesGateway' ? 'Gateway' : kind} ${namespace}/${name}`;

/** A finding in one line: code, where, what, why, what to do. */
export function findingLine(finding: Finding): string {
  const { code, resource, path, message, cause } = finding;
  const advice = adviceFor(finding);
  const said = message.startsWith(`${resource}: `) ? message.slice(resource.length + 2) : message;
  const where = path === '' ? resource : `${resource} ${path}`;
  return [`${code} ${where}: ${ended(said)}`, ended(cause), advice ? `Fix: ${ended(advice)}` : '']
    .filter((part) => part !== '')
    .join(' ');
}

const ended = (text: string): string => (text === '' || /[.!?]$/.test(text) ? text : `${text}.`);
