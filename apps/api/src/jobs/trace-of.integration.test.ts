import { meshCreate } from '@ambit/contracts/operations/mesh';
import { operationTrace } from '@ambit/services/agent-link/desired';
import { standInAgent } from '@ambit/services/testing/stand-in-agent';
import { makeTenant, testPlatform, type TestPlatform } from '@ambit/services/testing/tenant';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { traceOf } from './trace-of.ts';

let platform: TestPlatform;
beforeAll(async () => {
  platform = await testPlatform();
});
afterAll(() => platform.drop());

test('the trace of a request goes on in the jobs of its operation and in the agent’s calls', async () => {
  const tenant = await makeTenant(platform);
  const agent = await standInAgent(platform, tenant, 'traced');
  await agent.pass();
  const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
  const { operation } = await tenant.callAs(
    'owner',
    meshCreate,
    { name: 'traced', clusterIds: [agent.clusterId], release: '1.29.1' },
    { traceparent },
  );
  expect(await traceOf(platform.db, { operationId: operation.id })).toEqual({ traceparent });
  const { organisationId } = tenant;
  const asAgent = { clusterId: agent.clusterId, organisationId } as Parameters<
    typeof operationTrace
  >[1];
  expect(await operationTrace(platform, asAgent)).toBe(traceparent);
});

test('an operation begun untraced, and a job without one, begin traces of their own', async () => {
  const tenant = await makeTenant(platform);
  const agent = await standInAgent(platform, tenant, 'untraced');
  await agent.pass();
  const { operation } = await tenant.callAs('owner', meshCreate, {
    name: 'untraced',
    clusterIds: [agent.clusterId],
    release: '1.29.1',
  });
  expect(await traceOf(platform.db, { operationId: operation.id })).toEqual({});
  expect(await traceOf(platform.db, { meshId: 'msh_x' })).toEqual({});
});
