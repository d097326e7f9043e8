import { createKubeApi } from '@ambit/kube-api/api';
import { clusterKinds } from '@ambit/kube-api/kinds/native';
import { ApiError } from '@ambit/kube-api/status';
import { createMemoryStore } from '@ambit/kube-api/store/memory';
import { expect, test } from 'vitest';
import { createClient } from '../client/client.ts';
import { startManager } from '../client/manager.ts';
import { until } from '../testing/until.ts';
import { replicaSetController } from './replica-set.ts';

/** Ends a controller that tries without a pause: it would keep this process, and so the test's own clock, from running. */
const mostTries = 200;

test('pods that are refused, each by its name, are tried again with ever longer pauses', async () => {
  let tries = 0;
  const api = createKubeApi({
    kinds: clusterKinds,
    store: createMemoryStore(),
    gitVersion: 'v1.34.0',
    admission: [
      {
        name: 'refuse-pods',
        validate: ({ operation, version, name }) => {
          if (version.resource.id !== 'pods' || operation !== 'CREATE') return;
          if (++tries < mostTries) throw new ApiError(403, 'Forbidden', `no pod ${name}`);
        },
      },
    ],
  });
  const client = createClient((request) => api.respond(request));
  const manager = await startManager({ client, controllers: [replicaSetController] });
  await client.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop' } }, 'test');
  await client.create(
    {
      apiVersion: 'apps/v1',
      kind: 'ReplicaSet',
      metadata: { name: 'web', namespace: 'shop' },
      spec: {
        replicas: 1,
        selector: { matchLabels: { app: 'web' } },
        template: {
          metadata: { labels: { app: 'web' } },
          spec: { containers: [{ name: 'web', image: 'web:v1' }] },
        },
      },
    },
    'test',
  );
  const told = () =>
    manager.cache
      .get('replicasets.apps', 'shop', 'web')
      ?.status?.conditions?.find(({ type }) => type === 'ReplicaFailure');
  const first = await until('the failure is told', told);
  await until('tried once more', () => tries > 2);
  await manager.idle();
  expect(tries).toBeLessThan(20);
  expect(told()).toEqual(first);
  expect(first.message).toContain('no pod web-');
  manager.close();
});
