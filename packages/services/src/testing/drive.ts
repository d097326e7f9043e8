import { isFinished, type OperationState } from '@ambit/contracts/lifecycle';
import { advance } from '../lifecycle/advance.ts';
import type { Engine } from '../lifecycle/engine.ts';
import { toOperation, withSteps, type LifecycleOperation } from '../lifecycle/to-operation.ts';
import { deliverPolicies } from '../policy/deliver.ts';
import type { Tenant, TestPlatform } from './tenant.ts';
import type { StandInAgent } from './stand-in-agent.ts';

const mostPasses = 60;

/**
 * Drives an operation as worker and agents would, pass by pass, without any waiting: advance, then every agent.
 * @throws Error when it has not finished after 60 passes
 */
export async function drive(
  platform: TestPlatform,
  tenant: Tenant,
  engine: Engine,
  agents: StandInAgent[],
  operationId: string,
): Promise<LifecycleOperation> {
  for (let pass = 0; pass < mostPasses; pass++) {
    await advance(engine, tenant.organisationId, operationId);
    const operation = await readOperation(platform, operationId);
    if (isFinished(operation.state as OperationState)) {
      await relayDeliveries(platform);
      for (const agent of agents) await agent.pass();
      return operation;
    }
    for (const agent of agents) await agent.pass();
  }
  const operation = await readOperation(platform, operationId);
  throw new Error(
    `not finished after ${mostPasses} passes: ${operation.steps.map((s) => `${s.name} ${s.state} ${s.message}`).join('; ')}`,
  );
}

export async function readOperation(
  platform: TestPlatform,
  id: string,
): Promise<LifecycleOperation> {
  return toOperation(
    await platform.db.system.operation.findUniqueOrThrow({ where: { id }, include: withSteps }),
  );
}

/** Does the waiting policies.deliver jobs of the outbox, as the relay and the queue would. */
export async function relayDeliveries(platform: TestPlatform): Promise<void> {
  const rows = await platform.db.system.outboxEntry.findMany({
    where: { job: 'policies.deliver', relayedAt: null },
  });
  for (const row of rows) {
    const { organisationId, meshId } = row.data as { organisationId: string; meshId: string };
    await deliverPolicies(platform, organisationId, meshId);
    await platform.db.system.outboxEntry.update({
      where: { id: row.id },
      data: { relayedAt: new Date() },
    });
  }
}
