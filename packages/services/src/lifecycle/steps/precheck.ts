import { kubernetesRefusal } from '@ambit/istio/releases/upgrade-path';
import type { Draft, Outcome } from '../plan.ts';
import { awayMessage, list } from '../words.ts';

/** What must hold before anything is rendered: agents there, Kubernetes in range, nobody else's Istio. */
export function precheckClusters(draft: Draft): Outcome {
  const { view, mesh } = draft;
  const { release } = view;
  if (!release) {
    return failed(
      'ReleaseUnknown',
      `The release ${mesh.release} is not in the catalogue any more; choose another one`,
    );
  }
  const paused = awayMessage(view.clusters, view.now);
  if (paused) return { is: 'waiting', message: paused, paused: true };
  for (const cluster of view.clusters) {
    if (!cluster.report) {
      return { is: 'waiting', message: `Waiting for the first report of ${cluster.name}` };
    }
    const { kubernetesVersion, foreignIstio } = cluster.report.cluster;
    const refusal = kubernetesRefusal(release, kubernetesVersion);
    if (refusal) return failed('KubernetesNotSupported', `${cluster.name}: ${refusal}`);
    if (foreignIstio.length > 0) {
      const found = foreignIstio.map((f) => `${f.namespace}/${f.name} (${f.version})`);
      return failed(
        'ForeignIstio',
        `${cluster.name} runs an Istio that is not Ambit's: ${list(found)}. Remove it, or choose another cluster`,
      );
    }
  }
  const names = list(view.clusters.map((cluster) => cluster.name));
  return { is: 'done', message: `Istio ${release.version} can be installed on ${names}` };
}

const failed = (reason: string, message: string): Outcome => ({ is: 'failed', reason, message });
