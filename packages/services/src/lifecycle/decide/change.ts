import type { Draft, Outcome, Plan } from '../plan.ts';
import {
  applyStep,
  deliver,
  deliverStep,
  readyStep,
  renderStep,
  settle,
  untilReady,
} from '../steps/control-plane.ts';
import { countsOf, rememberReady } from './create.ts';
import { optionsDiff } from './options-diff.ts';

/** Update and upgrade: the same way, back to what was Ready last when the new one does not become Ready. */
export function changePlan(precheck: (draft: Draft) => Outcome): Plan {
  return {
    steps: {
      precheck,
      render: renderStep,
      deliver: deliverStep,
      apply: applyStep,
      ready: readyStep,
      rollback,
    },
    recovery: {
      step: 'rollback',
      needed: (draft) => draft.mesh.lastReady !== null,
      reason: 'RolledBack',
    },
    succeed: (draft) => {
      const before = draft.mesh.lastReady;
      rememberReady(draft);
      return {
        message: `${draft.mesh.name} is Ready on Istio ${draft.mesh.release}`,
        result: {
          release: draft.mesh.release,
          previousRelease: before?.release ?? null,
          changes: before ? optionsDiff(before.options, draft.mesh.options) : [],
          ...countsOf(draft),
        },
      };
    },
  };
}

/** Wants the last Ready state again, and waits until it is. */
function rollback(draft: Draft): Outcome {
  const { mesh, memory } = draft;
  const { lastReady } = mesh;
  if (!lastReady) return { is: 'skipped', message: '' };
  if (mesh.release !== lastReady.release || mesh.options !== lastReady.options) {
    draft.ask({
      do: 'patchMesh',
      patch: { release: lastReady.release, options: lastReady.options },
    });
  }
  if (!memory.delivered) return { is: 'done', message: 'Nothing had been changed' };
  const back = deliver(draft, lastReady.digests);
  if (back.is !== 'done') return back;
  const settled = settle(
    { ...draft, view: withoutTimeout(draft) },
    lastReady.digests,
    untilReady('rollback', `Returned to Istio ${lastReady.release}`),
  );
  return settled.is === 'failed' ? { ...settled, reason: 'RollbackFailed' } : settled;
}

/** The way back has its own, full time, however short the time for the way forward was. */
const withoutTimeout = ({ view }: Draft): Draft['view'] => ({
  ...view,
  operation: { ...view.operation, input: {} },
});
