import type { Change, Incremental } from '@ambit/analysis/incremental';
import type { Finding } from '@ambit/analysis/finding';
import type { Issue } from '@ambit/contracts/errors';
import type { KubeObject } from '@ambit/contracts/common';
import type { Context } from '../kernel/context.ts';
import { AmbitError } from '../kernel/errors.ts';
import { adviceFor } from '@ambit/analysis/admission/advice';
import {
  admitted,
  findingLine,
  sorted,
  toldOf,
  type Verdict,
} from '@ambit/analysis/admission/verdict';
import { diagnoserOf } from './diagnoser.ts';
import { matters } from '@ambit/analysis/admission/told';
import { isOff } from '@ambit/analysis/admission/settings';
import { loadSettings } from './settings.ts';
import { resourceOfObject } from './warm.ts';

export interface PolicyVerdict extends Verdict {
  /** Everything that would be found on the written objects, and what else they would introduce. */
  findings: { finding: Finding; introduced: boolean }[];
}

/** One object as a verb is about to write it; null: deleted. */
export interface PolicyChange {
  object: KubeObject;
  deleted?: boolean;
}

const nothing: PolicyVerdict = { ...admitted, findings: [] };

/**
 * Asks the diagnosis about a write of policies, before it is stored. Its own faults are told to the log and block
 * nothing.
 * @param whole also tells what is found on the objects already, for editors
 */
export async function askDiagnosis(
  context: Context,
  meshId: string,
  written: readonly PolicyChange[],
  whole = false,
): Promise<PolicyVerdict> {
  const { tx, platform, now } = context;
  const changes = written.flatMap(({ object, deleted }): Change[] => {
    const resource =
      matters(object.kind) || object.kind === 'Gateway' ? resourceOfObject(object) : undefined;
    if (!resource) return [];
    return [deleted ? { remove: resource.id } : { put: resource }];
  });
  if (changes.length === 0) return nothing;
  try {
    const settings = await loadSettings(tx, meshId);
    if (!whole && isOff(settings)) return nothing;
    const found = await diagnoserOf(platform.db).use(
      (work) => work(tx),
      meshId,
      now,
      (warm) => {
        const ids = new Set(
          changes.map((change) => ('put' in change ? change.put.id : change.remove)),
        );
        const back = [...ids].map((id): Change => {
          const resource = warm.incremental.resource(id);
          return resource ? { put: resource } : { remove: id };
        });
        const { delta, all } = tried(warm.incremental, changes, back, whole);
        const introduced = toldOf(delta, changes, warm.incremental);
        const byId = new Map([...all, ...introduced].map((each) => [each.id, each]));
        return { introduced, all: [...byId.values()] };
      },
    );
    if (!found) return nothing;
    const verdict = sorted(found.introduced, settings, changes, now.getTime());
    const fresh = new Set(found.introduced.map(({ id }) => id));
    const places = new Set(
      written.map(
        ({ object: { kind, metadata } }) => `${kind} ${metadata.namespace ?? ''}/${metadata.name}`,
      ),
    );
    return {
      ...verdict,
      findings: found.all
        .filter(
          (each) => fresh.has(each.id) || places.has(`${each.kind} ${each.namespace}/${each.name}`),
        )
        .map((finding) => ({ finding, introduced: fresh.has(finding.id) })),
    };
  } catch (error) {
    platform.complain?.('the diagnosis of a write failed; it was let through', error);
    return nothing;
  }
}

/** What the changes do; the engine is as it was afterwards. */
function tried(incremental: Incremental, changes: Change[], back: Change[], whole: boolean) {
  const delta = incremental.apply(changes);
  try {
    return { delta, all: whole ? incremental.findings() : [] };
  } finally {
    incremental.apply(back);
  }
}

/** @throws AmbitError unprocessable with each finding that the mesh's settings deny */
export function refuseDenied({ denied }: Verdict): void {
  const [first] = denied;
  if (!first) return;
  const more = denied.length > 1 ? ` (and ${denied.length - 1} more)` : '';
  throw new AmbitError('unprocessable', `the mesh denies this: ${findingLine(first)}${more}`, {
    fix: `${adviceFor(first) || 'correct it'} (or have the rule set to warn in the settings of the mesh)`,
    details: denied.map(toIssue),
  });
}

/** Asks, and refuses what the mesh's settings deny. */
export async function admitPolicies(
  context: Context,
  meshId: string,
  written: readonly PolicyChange[],
): Promise<Issue[]> {
  const verdict = await askDiagnosis(context, meshId, written);
  refuseDenied(verdict);
  return verdict.warned.map(toIssue);
}

export const toIssue = (finding: Finding): Issue => ({
  path: finding.path,
  message: findingLine(finding),
});
