import { integrationTest } from '@ambit/contracts/operations/integration';
import { inTenant } from '@ambit/db/database';
import { implementOutside } from '../kernel/implement.ts';
import { checkPrometheus } from './check-prometheus.ts';
import { checkTraces } from './check-traces.ts';
import { findIntegration, toIntegration } from './rows.ts';
import { openIntegration } from './settings.ts';
import { recordStatus } from './status.ts';

export interface Check {
  name: string;
  outcome: 'ok' | 'warning' | 'failed' | 'skipped';
  message: string;
}

export const testIntegration = implementOutside(
  integrationTest,
  ({ tx }, { integrationId }) => findIntegration(tx, integrationId),
  async ({ platform, organisationId }, { integrationId }, row) => {
    const began = performance.now();
    const integration = await openIntegration(platform.db, row);
    const checks =
      integration.kind === 'prometheus'
        ? await checkPrometheus(platform, integration)
        : await checkTraces(platform, integration);
    const durationMs = Math.round(performance.now() - began);
    const has = (outcome: Check['outcome']): boolean =>
      checks.some((check) => check.outcome === outcome);
    const outcome = has('failed') ? 'failed' : has('warning') ? 'warning' : 'ok';
    await recordStatus(
      platform.db,
      organisationId,
      integrationId,
      {
        state: outcome === 'warning' ? 'partial' : outcome,
        problems: checks
          .filter((check) => check.outcome === 'failed' || check.outcome === 'warning')
          .map(({ message }) => message),
      },
      platform.now(),
    );
    return inTenant(platform.db, organisationId, async (tx) => ({
      outcome,
      checks,
      durationMs,
      integration: await toIntegration(tx, await findIntegration(tx, integrationId)),
    }));
  },
);
