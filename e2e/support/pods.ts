import type { KubeObject } from '@ambit/run/testing/kubectl';

export interface Pod extends KubeObject {
  metadata: KubeObject['metadata'] & { deletionTimestamp?: string };
  spec: {
    containers: { name: string }[];
    initContainers?: { name: string; restartPolicy?: string }[];
  };
  status: {
    containerStatuses?: { ready: boolean }[];
    initContainerStatuses?: { name: string; ready: boolean }[];
  };
}

/** Pods as `kubectl get pods` counts them, `2/2`, by the deployment they belong to. */
export function countPods(pods: Pod[]): Record<string, string[]> {
  const counts: Record<string, string[]> = {};
  for (const { metadata, spec, status } of pods) {
    if (metadata.deletionTimestamp !== undefined) continue;
    // A sidecar may be an init container that goes on running (Kubernetes 1.29 and newer).
    const lasting = (spec.initContainers ?? []).filter((each) => each.restartPolicy === 'Always');
    const ready =
      (status.containerStatuses ?? []).filter((each) => each.ready).length +
      (status.initContainerStatuses ?? []).filter(
        (each) => each.ready && lasting.some(({ name }) => name === each.name),
      ).length;
    const name = metadata.name.replace(/-[a-z0-9]+-[a-z0-9]+$/, '');
    counts[name] = [...(counts[name] ?? []), `${ready}/${spec.containers.length + lasting.length}`];
  }
  return counts;
}
