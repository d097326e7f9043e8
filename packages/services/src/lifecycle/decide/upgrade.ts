import { upgradeRefusal } from '@ambit/istio/releases/upgrade-path';
import { precheckClusters } from '../steps/precheck.ts';
import { changePlan } from './change.ts';

export const upgradePlan = changePlan((draft) => {
  const from = draft.mesh.activeRelease;
  const refusal = from ? upgradeRefusal(from, draft.mesh.release) : 'the mesh was never Ready';
  if (refusal) return { is: 'failed', reason: 'UpgradeNotPossible', message: refusal };
  return precheckClusters(draft);
});
