import type { KubeObject } from '@ambit/contracts/common';
import type { Cluster } from '../../kube/objects.ts';

interface Pod {
  metadata: { name: string };
  status?: {
    phase?: string;
    conditions?: { type: string; status: string; reason?: string; message?: string }[];
    initContainerStatuses?: ContainerStatus[];
    containerStatuses?: ContainerStatus[];
  };
}

interface ContainerStatus {
  name: string;
  restartCount?: number;
  state?: {
    waiting?: { reason?: string; message?: string };
    terminated?: { reason?: string; exitCode?: number };
  };
}

/** Reasons that are only a step on the way. */
const passing = new Set(['ContainerCreating', 'PodInitializing']);

/** Why the pods of a workload are not ready, in one line: the first one that says anything. */
export async function podTrouble(
  { client }: Cluster,
  workload: KubeObject,
  signal: AbortSignal,
): Promise<string> {
  const { spec } = workload as { spec?: { selector?: { matchLabels?: Record<string, string> } } };
  const { namespace } = workload.metadata;
  const labels = spec?.selector?.matchLabels;
  if (!labels || !namespace) return '';
  const labelSelector = Object.entries(labels)
    .map(([key, value]) => `${key}=${value}`)
    .join(',');
  const { items } = await client.request<{ items: Pod[] }>(
    'GET',
    `/api/v1/namespaces/${namespace}/pods`,
    { query: { labelSelector, limit: '50' }, signal },
  );
  for (const pod of items) {
    const why = troubleOf(pod);
    if (why) return `pod ${pod.metadata.name}: ${why}`;
  }
  return '';
}

export function troubleOf({ status }: Pod): string {
  const unscheduled = status?.conditions?.find(
    ({ type, status: value }) => type === 'PodScheduled' && value === 'False',
  );
  if (unscheduled) return `${unscheduled.reason}: ${unscheduled.message ?? ''}`;
  const containers = [
    ...(status?.initContainerStatuses ?? []),
    ...(status?.containerStatuses ?? []),
  ];
  for (const { name, state } of containers) {
    const { waiting, terminated } = state ?? {};
    if (waiting?.reason && !passing.has(waiting.reason)) {
      return `container ${name}: ${waiting.reason}${waiting.message ? `: ${waiting.message}` : ''}`;
    }
    if (terminated && terminated.exitCode !== 0) {
      return `container ${name} ended with ${terminated.exitCode} (${terminated.reason ?? ''})`;
    }
  }
  return '';
}
