import type { AdmissionSettings } from '@ambit/analysis/admission/settings';
import type { RuleMode } from '@ambit/contracts/findings';
import type { Tx } from '@ambit/db/database';

export async function loadSettings(tx: Tx, meshId: string): Promise<AdmissionSettings> {
  const [modes, suppressions] = [
    await tx.ruleSetting.findMany({ where: { meshId } }),
    await tx.findingSuppression.findMany({ where: { meshId } }),
  ];
  return {
    modes: new Map(modes.map(({ code, mode }) => [code, mode as RuleMode])),
    suppressions: suppressions.map(({ code, resource, expiresAt }) => ({
      code,
      resource,
      expiresAt: expiresAt?.getTime() ?? null,
    })),
  };
}
