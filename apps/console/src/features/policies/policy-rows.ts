import { paths } from '../../lib/paths.ts';
import type { Outputs } from '../../lib/session.tsx';
import { directStatus, originWords, writerWords } from './direct-words.ts';
import { policyStatus } from './policy-status.ts';

type Policy = Outputs['policy']['get'];
type Direct = Outputs['direct']['list']['items'][number];

/** One line of the list of policies: of the mesh itself, or of somebody in a cluster. */
export interface PolicyRow {
  id: string;
  href: string;
  name: string;
  kind: string;
  namespace: string;
  status: string;
  /** `mesh`, or the name of the cluster it stands in. */
  origin: string;
  originWords: string;
  version: number | null;
  by: string;
  changedAt: string;
  apiVersion: string;
}

export const rowOfPolicy = (policy: Policy, deleted: boolean): PolicyRow => ({
  id: policy.id,
  href: deleted
    ? paths.policyHistory(policy.meshId, policy.id)
    : paths.policy(policy.meshId, policy.id),
  name: policy.name,
  kind: policy.kind,
  namespace: policy.namespace,
  status: deleted ? 'Removed' : policyStatus(policy),
  origin: 'mesh',
  originWords: 'The mesh',
  version: policy.version,
  by: policy.author,
  changedAt: policy.updatedAt,
  apiVersion: policy.apiVersion,
});

export const rowOfDirect = (meshId: string, object: Direct): PolicyRow => ({
  id: object.id,
  href: paths.directObject(meshId, object.id),
  name: object.name,
  kind: object.kind,
  namespace: object.namespace,
  status: directStatus(object.state),
  origin: object.clusterName,
  originWords: originWords(object),
  version: null,
  by: writerWords(object),
  changedAt: object.changedAt,
  apiVersion: object.apiVersion,
});

/** Rows of one origin; all when it is empty, or names a cluster that has none (any more). */
export function ofOrigin(rows: PolicyRow[], origin: string): PolicyRow[] {
  const chosen = rows.filter((row) => row.origin === origin);
  return origin === 'mesh' || chosen.length > 0 ? chosen : rows;
}
