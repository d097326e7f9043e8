import { openCaller } from '@ambit/lab/testing/caller';
import { must } from '@ambit/run/testing/kubectl';
import type { Client } from '@ambit/client/sdk';
import { expect, test } from '../support/lab.ts';
import { features } from './traffic/l7.ts';
import { gateway, namespace, objects, yamlOf, type Traffic } from './traffic/ground.ts';
import * as evidence from './traffic/evidence.ts';
import * as l4 from './traffic/l4.ts';

const minute = 60_000;
const until = (work: () => Promise<void>) =>
  expect(work).toPass({ timeout: 2 * minute, intervals: [200] });

async function ended(client: Client, { id }: { id: string }): Promise<void> {
  const state = async () => (await client.operation.get({ operationId: id })).state;
  await expect
    .poll(state, { timeout: 5 * minute, intervals: [200] })
    .toMatch(/succeeded|failed|cancelled/);
  expect(await state()).toBe('succeeded');
}

test('real traffic: L4 through ztunnel, every L7 feature through a waypoint, and the guard between them', async ({
  lab,
  client,
}) => {
  const { kubectl, userEnv } = lab;
  const { version, source } = lab.releases[0]!;
  let clusterId = '';
  let meshId = '';
  const apply = (...list: object[]) => client.policy.apply({ meshId, yaml: yamlOf(list) });
  const remove = async (...list: { kind: string; metadata: { name: string } }[]) => {
    const { items } = await client.policy.list({ meshId, limit: 200 });
    for (const { kind, metadata } of list) {
      const policy = items.find((each) => each.kind === kind && each.name === metadata.name);
      await client.policy.delete({ meshId, policyId: policy!.id });
    }
  };

  await test.step('an ambient mesh, beside it the applications', async () => {
    const { cluster, join } = await client.cluster.join({ name: 'traffic' });
    clusterId = cluster.id;
    await must('sh', ['-c', join.commands.kubectl], { env: userEnv });
    await kubectl.do('apply -f -', yamlOf(objects));
    const wanted = {
      name: 'traffic',
      profile: 'ambient' as const,
      release: version,
      clusterIds: [clusterId],
    };
    await expect
      .poll(async () => (await client.mesh.precheck(wanted)).allowed, { timeout: 2 * minute })
      .toBe(true);
    const { mesh, operation } = await client.mesh.create(wanted);
    meshId = mesh.id;
    await ended(client, operation);
    // With the control plane there, its injector gives these their sidecars.
    await kubectl.do('apply -f -', yamlOf(evidence.objects));
    for (const each of [namespace, 'street', evidence.sidecarNamespace]) {
      await kubectl.do(`wait -n ${each} --for=condition=Available deployment --all --timeout=120s`);
    }
  });

  const [one, other, outside] = await Promise.all([
    openCaller(userEnv, namespace, 'client'),
    openCaller(userEnv, namespace, 'other'),
    openCaller(userEnv, 'street', 'outside'),
  ]);
  const traffic: Traffic = { kubectl, client: one, other, outside };

  await test.step('L4: enrolment redirects running pods, and servers see who calls', async () => {
    const { operation } = await client.enrolment.change({
      meshId,
      subjects: [{ clusterId, namespace }],
      mode: 'L4',
    });
    await ended(client, operation);
    await until(() => l4.identityIsSeen(traffic));
    await until(() => l4.istioctlReads(source.istioctl, userEnv));
  });

  const place = { client, meshId, clusterId };
  await test.step('evidence: what istio-cni, ztunnel and istiod hold of pods', async () => {
    await until(async () => void (await evidence.podIsProven(place)));
    await until(() => evidence.hopsHoldCertificates(place));
    await until(() => evidence.istiodKnows(place));
  });

  await test.step('a pod that looks enrolled and is not is found, told, and repaired by one verb', async () => {
    await client.alertRule.create({
      name: 'not as wanted',
      matchers: [{ label: 'code', op: '=', value: 'AMB0040' }],
    });
    let pod = '';
    await until(async () => void ({ name: pod } = await evidence.podIsProven(place)));
    await evidence.unenrol(kubectl, pod);
    await until(() => evidence.missIsTold(place, pod));
    const { operation } = await client.enrolment.repair({ meshId, clusterId, namespace, pod });
    await ended(client, operation);
    await until(async () => void (await evidence.podIsProven(place)));
  });

  await test.step('L4: strict mTLS refuses plain text, a policy refuses one identity', async () => {
    await until(() => l4.plainTextPasses(traffic));
    await apply(l4.strictMtls, l4.denyOther);
    await until(() => l4.plainTextIsRefused(traffic));
    await until(() => l4.otherIsRefused(traffic));
    await remove(l4.strictMtls, l4.denyOther);
    await until(() => l4.plainTextPasses(traffic));
  });

  await test.step('a waypoint and the policies of all features', async () => {
    await apply(gateway);
    await apply(...features.flatMap((feature) => feature.objects));
    const programmed = `wait -n ${namespace} gateways.gateway.networking.k8s.io/waypoint --for=condition=Programmed`;
    await expect(() => kubectl.do(`${programmed} --timeout=60s`)).toPass({ timeout: 2 * minute });
  });

  await Promise.all(
    features.map((feature) =>
      test.step(`L7: ${feature.name}`, () => until(() => feature.works(traffic))),
    ),
  );

  await test.step('without the waypoint an L7 policy is open; the guard closes it', async () => {
    await until(() => l4.l7PolicyHolds(traffic));
    await l4.leaveWaypoint(kubectl);
    await until(() => l4.holeIsOpen(traffic));
    await apply(l4.guard);
    await until(() => l4.holeIsClosed(traffic));
    await l4.returnToWaypoint(kubectl);
    await until(() => l4.l7PolicyHolds(traffic));
  });

  await test.step('the applications go first: who redirected their pods must still be there', async () => {
    for (const each of [one, other, outside]) each.close();
    // A waypoint drains for half a minute; nobody calls it any more.
    await kubectl.do(`delete pod -n ${namespace} --all --grace-period=1 --wait=false`);
    await kubectl.do(
      `delete namespace ${namespace} street ${evidence.sidecarNamespace} --wait=true`,
    );
  });

  await test.step('the mesh goes', async () => {
    const { operation } = await client.mesh.delete({ meshId, confirm: 'traffic' });
    await ended(client, operation);
  });

  await test.step('the agent goes', async () => {
    const left = await client.cluster.leave({ clusterId });
    await must('sh', ['-c', left.uninstallCommand], { env: userEnv });
    await kubectl.do('delete namespace istio-system --wait=true');
  });
});
