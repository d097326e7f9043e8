import type { Draft, Plan } from '../plan.ts';
import { applyStep, deliverStep, readyStep, renderStep } from '../steps/control-plane.ts';
import { precheckClusters } from '../steps/precheck.ts';
import { withdraw } from '../steps/withdraw.ts';

/** Create a mesh. A failure leaves what was applied, to be looked at; cancelling takes it back. */
export const createPlan: Plan = {
  steps: {
    precheck: precheckClusters,
    render: renderStep,
    deliver: deliverStep,
    apply: applyStep,
    ready: readyStep,
    undo: (draft) => withdraw(draft, ['control-plane'], 'undo'),
  },
  recovery: {
    step: 'undo',
    needed: (draft, cause) => cause === 'cancelled' && draft.memory.delivered === true,
    reason: 'Undone',
  },
  succeed: (draft) => {
    rememberReady(draft);
    return {
      message: `${draft.mesh.name} is Ready on Istio ${draft.mesh.release}`,
      result: { release: draft.mesh.release, ...countsOf(draft) },
    };
  },
};

/** What is running now is the way back of the next change. */
export function rememberReady(draft: Draft): void {
  const { mesh, memory } = draft;
  draft.ask({
    do: 'patchMesh',
    patch: {
      activeRelease: mesh.release,
      lastReady: {
        release: mesh.release,
        options: mesh.options,
        digests: Object.fromEntries(
          Object.entries(memory.rendered ?? {}).map(([id, { digest }]) => [id, digest]),
        ),
      },
    },
  });
  draft.ask({ do: 'deliverPolicies' });
}

/** Objects applied, by cluster name. */
export function countsOf({ view, memory }: Draft): { objects: Record<string, number> } {
  return {
    objects: Object.fromEntries(
      view.clusters.map((cluster) => [cluster.name, memory.rendered?.[cluster.id]?.objects ?? 0]),
    ),
  };
}
