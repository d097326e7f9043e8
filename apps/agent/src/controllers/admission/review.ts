import { isOff } from '@ambit/analysis/admission/settings';
import { findingLine, judge } from '@ambit/analysis/admission/verdict';
import type { Change } from '@ambit/analysis/incremental';
import type { AdmissionSettings } from '@ambit/contracts/agent/admission';
import { canonicalJson } from '@ambit/contracts/canonical';
import type { KubeObject } from '@ambit/contracts/common';
import { z } from 'zod';
import { bundleLabel } from '../bundle/applyset.ts';
import { compactFact, compactPolicy, type Raw } from '../objects/compact.ts';
import { idOf, keyOf, resourceOf, type Snapshot } from './snapshot.ts';

const objectSchema = z
  .looseObject({
    apiVersion: z.string(),
    kind: z.string(),
    metadata: z.looseObject({
      name: z.string().optional(),
      labels: z.record(z.string(), z.string()).optional(),
    }),
  })
  .nullish();

/** AdmissionReview, `admission.k8s.io/v1`: what is looked at of it. */
export const reviewSchema = z.object({
  request: z.object({
    uid: z.string(),
    operation: z.enum(['CREATE', 'UPDATE', 'DELETE', 'CONNECT']),
    subResource: z.string().optional(),
    name: z.string().optional(),
    namespace: z.string().optional(),
    dryRun: z.boolean().nullish(),
    userInfo: z.object({ username: z.string().optional() }),
    object: objectSchema,
    oldObject: objectSchema,
  }),
});
export type Review = z.infer<typeof reviewSchema>['request'];

export interface Answer {
  allowed: boolean;
  warnings: string[];
  message: string;
}

const pass: Answer = { allowed: true, warnings: [], message: '' };
/** Controllers of Kubernetes itself: they clean up after others, and nobody reads what they are told. */
const controllers = 'system:serviceaccount:kube-system:';
const mostWarnings = 10;

/**
 * What is said of a write. The agent's own, those of Kubernetes' controllers, objects that Ambit delivered, and writes
 * that change nothing rules look at pass unasked.
 */
export function answer(
  review: Review,
  snapshot: Snapshot,
  settings: AdmissionSettings,
  agentUser: string,
  nowMs: number,
): Answer {
  const { operation, subResource, userInfo, dryRun } = review;
  const user = userInfo.username ?? '';
  if (subResource || operation === 'CONNECT') return pass;
  const isDeleted = operation === 'DELETE';
  const subject = toldOf(isDeleted ? review.oldObject : review.object, review);
  if (!subject) return pass;
  const key = keyOf(subject);
  const isOurs = subject.metadata.labels?.[bundleLabel] !== undefined;
  const isUnasked = user === agentUser || user.startsWith(controllers) || isOurs;
  const foresee = () => {
    if (!dryRun) snapshot.foresee(key, isDeleted ? null : subject);
    return pass;
  };
  if (isUnasked || !changesAnything(review)) return foresee();
  const engine = snapshot.engine();
  const resource = resourceOf(subject);
  if (!engine || (!resource && !isDeleted)) return pass;
  const change: Change = isDeleted || !resource ? { remove: idOf(key) } : { put: resource };
  const by = {
    modes: new Map(Object.entries(settings.rules)),
    suppressions: settings.suppressions,
  };
  if (isOff(by)) return foresee();
  const isWorkload = subject.kind in workloads;
  const { denied, warned } = judge(engine, by, [change], nowMs, { onlyEnds: isWorkload });
  if (settings.mode === 'deny' && denied.length > 0) {
    const lines = denied.map(findingLine).join(' ');
    return {
      allowed: false,
      warnings: shortened(warned.map(findingLine)),
      message: `the mesh denies what it would introduce: ${lines}`,
    };
  }
  foresee();
  return { ...pass, warnings: shortened([...denied, ...warned].map(findingLine)) };
}

function shortened(lines: string[]): string[] {
  const more = lines.length - mostWarnings;
  return more > 0 ? [...lines.slice(0, mostWarnings), `and ${more} more findings`] : lines;
}

type WorkloadKind = 'Pod' | 'Deployment' | 'StatefulSet' | 'DaemonSet';

/** Kinds of which only labels are asked about, for the protection that they end. */
const workloads: Readonly<Record<string, string>> = {
  Pod: 'v1',
  Deployment: 'apps/v1',
  StatefulSet: 'apps/v1',
  DaemonSet: 'apps/v1',
} satisfies Record<WorkloadKind, string>;

/** The object in the form in which the watches keep it. */
function toldOf(object: Review['object'], { name, namespace }: Review): KubeObject | null {
  if (!object) return null;
  const metadata = {
    ...object.metadata,
    // A generated name is not known yet.
    name: object.metadata.name || name || 'generated',
    ...(namespace && object.kind !== 'Namespace' ? { namespace } : {}),
  };
  const raw = { ...object, metadata } as unknown as Raw;
  const { apiVersion, kind } = object;
  if (apiVersion === 'v1' && (kind === 'Service' || kind === 'Namespace')) {
    return compactFact[kind](raw);
  }
  if (apiVersion === workloads[kind]) return compactFact[kind as WorkloadKind](raw);
  return compactPolicy(raw, apiVersion, kind);
}

/** A write that leaves what rules look at as it is introduces nothing. */
function changesAnything({ operation, object, oldObject }: Review): boolean {
  if (operation !== 'UPDATE' || !object || !oldObject) return true;
  const seen = ({ metadata, ...rest }: NonNullable<Review['object']>) =>
    canonicalJson([rest['spec'] ?? null, metadata.labels ?? {}, metadata['annotations'] ?? {}]);
  return seen(object) !== seen(oldObject);
}
