import type { AgentAction } from '@ambit/contracts/agent/protocol';
import { newId } from '@ambit/contracts/ids';
import { canonicalJson } from '@ambit/contracts/canonical';
import type { Tx } from '@ambit/db/database';
import type { EnrolledMode } from '@ambit/istio/enrolment';
import { enrolmentBundle, type EnrolmentRows } from '@ambit/istio/enrolment/rows';
import { forgetDesired, raiseGeneration, setDesired } from '../desired/set-desired.ts';
import type { Context } from '../kernel/context.ts';
import { setEnrolmentRows } from '../enrolment/rows.ts';
import { writePolicies } from '../enrolment/write-policies.ts';
import { putLifecycle } from '../waypoint/lifecycle-rows.ts';
import { packBundle } from '../release/renderer.ts';
import { storeBundle } from './bundles.ts';
import type { Effect } from './decision.ts';
import type { Memory } from './view.ts';

const actionTtlMs = 900_000;

export interface Performer extends Pick<Context, 'enqueue' | 'changed'> {
  tx: Tx;
  organisationId: string;
  operationId: string;
  meshId: string;
  now: Date;
  /** Written where an effect has something to remember. */
  memory: Memory;
}

/** Carries out one effect of a decision within its transaction. Repeating it changes nothing. */
export async function perform(on: Performer, effect: Effect): Promise<void> {
  const { tx, organisationId, meshId } = on;
  switch (effect.do) {
    case 'render':
      return;
    case 'setControlPlane':
      await setDesired(tx, organisationId, effect.clusterId, [
        {
          name: 'control-plane',
          meshId,
          digest: effect.digest,
          order: 10,
          mode: 'present',
          drift: 'repair',
        },
      ]);
      return;
    case 'syncEnrolment':
      return syncEnrolment(on, effect.clusterId);
    case 'withdraw':
      return withdraw(on, effect.clusterId, effect.bundle);
    case 'forgetDesired':
      await forgetDesired(tx, effect.clusterId, effect.bundles);
      return;
    case 'restart':
      return act(on, effect.key, effect.clusterId, 'restart-workloads', {
        namespace: effect.namespace,
      });
    case 'restartPod':
      return act(on, effect.key, effect.clusterId, 'restart-pod', {
        namespace: effect.namespace,
        pod: effect.pod,
      });
    case 'holdWaypoint': {
      const { key, clusterId, namespace, name, services } = effect;
      return act(on, key, clusterId, 'hold-waypoint', { namespace, name, services });
    }
    case 'drainWaypoint': {
      const { key, clusterId, namespace, name, boundS, release, services } = effect;
      const drained = { namespace, name, boundS, release, services };
      return act(on, key, clusterId, 'drain-waypoint', drained);
    }
    case 'wakeWaypoint': {
      const { key, clusterId, namespace, name } = effect;
      return act(on, key, clusterId, 'wake-waypoint', { namespace, name });
    }
    case 'setEnrolmentRows':
      return setEnrolmentRows(on, effect.rows);
    case 'writePolicies':
      await writePolicies(on, effect);
      return;
    case 'rememberReleased':
      for (const { namespace, name, object } of effect.released) {
        if (!object) continue;
        const released = { at: on.now.toISOString(), object, rows: effect.rows };
        await putLifecycle(on, { namespace, name }, { released, idleSince: null });
      }
      return;
    case 'patchMesh':
      return patchMesh(on, effect.patch);
    case 'deliverPolicies':
      return on.enqueue('policies.deliver', { organisationId, meshId });
    case 'removeMesh':
      return removeMesh(on);
  }
}

async function syncEnrolment(on: Performer, clusterId: string): Promise<void> {
  const { tx, organisationId, meshId } = on;
  const place = { meshId, clusterId };
  const rows: EnrolmentRows = {
    namespaces: (await tx.enrolment.findMany({ where: place })).map((row) => ({
      ...row,
      mode: row.mode as EnrolledMode,
    })),
    services: await tx.enrolmentService.findMany({ where: place }),
  };
  const bundle = enrolmentBundle(rows);
  if (bundle.phases.every(({ objects }) => objects.length === 0)) {
    return withdraw(on, clusterId, 'enrolment');
  }
  const packed = await packBundle(bundle);
  await storeBundle(tx, organisationId, packed);
  await setDesired(tx, organisationId, clusterId, [
    {
      name: 'enrolment',
      meshId,
      digest: packed.digest,
      order: 20,
      mode: 'present',
      drift: 'repair',
    },
  ]);
}

async function withdraw({ tx }: Performer, clusterId: string, name: string): Promise<void> {
  const { count } = await tx.desiredBundle.updateMany({
    where: { clusterId, name, mode: 'present' },
    data: { mode: 'absent' },
  });
  if (count > 0) await raiseGeneration(tx, clusterId);
}

/** An action of an agent, once for each key of the operation. */
async function act(
  on: Performer,
  key: string,
  clusterId: string,
  kind: AgentAction['kind'],
  payload: object,
): Promise<void> {
  if (on.memory.actions?.[key]) return;
  const id = newId('action', on.now.getTime());
  await on.tx.agentAction.create({
    data: {
      id,
      clusterId,
      organisationId: on.organisationId,
      operationId: on.operationId,
      kind,
      payload,
      expiresAt: new Date(on.now.getTime() + actionTtlMs),
    },
  });
  on.memory.actions = { ...on.memory.actions, [key]: id };
  await raiseGeneration(on.tx, clusterId);
}

async function patchMesh(
  { tx, meshId }: Performer,
  patch: Extract<Effect, { do: 'patchMesh' }>['patch'],
): Promise<void> {
  const row = await tx.mesh.findUniqueOrThrow({ where: { id: meshId } });
  const wantsMore =
    (patch.release !== undefined && patch.release !== row.release) ||
    (patch.options !== undefined && canonicalJson(patch.options) !== canonicalJson(row.options));
  await tx.mesh.update({
    where: { id: meshId },
    data: {
      ...(patch.release === undefined ? {} : { release: patch.release }),
      ...(patch.options === undefined ? {} : { options: patch.options }),
      ...(patch.activeRelease === undefined ? {} : { activeRelease: patch.activeRelease }),
      ...(patch.lastReady ? { lastReady: patch.lastReady as object } : {}),
      ...(wantsMore ? { version: { increment: 1 } } : {}),
    },
  });
}

async function removeMesh({ tx, meshId, changed }: Performer): Promise<void> {
  const clusters = await tx.meshCluster.findMany({ where: { meshId } });
  await tx.desiredBundle.deleteMany({ where: { meshId } });
  await tx.mesh.deleteMany({ where: { id: meshId } });
  await changed('mesh', meshId, 'deleted');
  for (const { clusterId } of clusters) await changed('cluster', clusterId, 'updated', meshId);
}
