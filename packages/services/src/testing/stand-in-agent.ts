import { createHash } from 'node:crypto';
import { objectKey } from '@ambit/contracts/agent/objects';
import type { BundleStatus, Inventory, StatusReport } from '@ambit/contracts/agent/protocol';
import type { KubeObject } from '@ambit/contracts/common';
import { newId } from '@ambit/contracts/ids';
import { namespace as namespaceFact, pod } from '@ambit/istio/enrolment/testing';
import { splitApiVersion } from '@ambit/istio/kinds';
import { desiredState } from '../agent-link/desired.ts';
import { takeInventory } from '../agent-link/inventory.ts';
import { takeObjects } from '../agent-link/objects.ts';
import { takeStatus } from '../agent-link/status.ts';
import { readBundle } from '../lifecycle/bundles.ts';
import { inTenant } from '@ambit/db/database';
import type { Platform } from '../kernel/context.ts';
import { objectCount } from '@ambit/istio/bundle/split';
import type { Tenant } from './tenant.ts';

type Desired = { name: string; digest: string; mode: 'present' | 'absent' };

export interface StandInOptions {
  kubernetesVersion?: string;
  gatewayApi?: string | null;
  namespaces?: string[];
  /** Its pods never show that they are enrolled. */
  blind?: boolean;
  /** What the agent reports of a bundle that is wanted; Ready (or Removed) when undefined. */
  script?: (bundle: Desired, version: string) => Partial<BundleStatus> | undefined;
}

export type StandInAgent = Awaited<ReturnType<typeof standInAgent>>;

/**
 * Stands in for an agent in tests, in this process and without a cluster: takes the desired state and sends reports
 * and inventories through the real agent link, one pass at a time. What it claims of a cluster is its script's.
 */
export async function standInAgent(
  platform: Platform,
  tenant: Pick<Tenant, 'organisationId'>,
  name: string,
  options: StandInOptions = {},
) {
  const { organisationId } = tenant;
  const clusterId = newId('cluster');
  const now = platform.now();
  await platform.db.system.cluster.create({
    data: {
      id: clusterId,
      organisationId,
      name,
      clusterUid: crypto.randomUUID(),
      registeredAt: now,
      lastSeenAt: now,
    },
  });
  const startedAt = now.toISOString();
  const bootId = crypto.randomUUID();
  const state = {
    seq: 0,
    inventory: 0,
    generation: -1,
    desired: [] as Desired[],
    bundles: new Map<string, BundleStatus>(),
    actions: new Map<string, StatusReport['actions'][number]>(),
    /** Labels of namespaces, as the platform wants them. */
    labels: new Map<string, Labels>(),
    objects: { seq: 0, digests: new Map<string, string>() },
    owned: {} as Record<string, number>,
  };
  const agent = async () => ({
    clusterId,
    clusterName: name,
    organisationId,
    generation: (
      await platform.db.system.cluster.findUniqueOrThrow({
        where: { id: clusterId },
        select: { generation: true },
      })
    ).generation,
  });

  async function bundleOf(digest: string) {
    const bundle = await inTenant(platform.db, organisationId, (tx) =>
      readBundle(tx, organisationId, digest),
    );
    if (!bundle) throw new Error(`the platform has no blob ${digest}`);
    return bundle;
  }

  async function take(): Promise<void> {
    const wanted = await desiredState(platform, await agent(), state.generation);
    if (!wanted) return;
    state.generation = wanted.generation;
    state.desired = wanted.bundles;
    for (const action of wanted.actions) {
      state.actions.set(action.id, {
        id: action.id,
        state: 'succeeded',
        message: `restarted 1 workload of ${action.namespace}`,
      });
    }
  }

  async function apply(bundle: Desired): Promise<void> {
    const content = await bundleOf(bundle.digest);
    const total = objectCount(content);
    const scripted = options.script?.(bundle, versionOf(content)) ?? {};
    const removed = bundle.mode === 'absent';
    const status: BundleStatus = {
      name: bundle.name,
      digest: bundle.digest,
      state: removed ? 'Removed' : 'Ready',
      phase: null,
      objects: { total, applied: removed ? 0 : total, ready: removed ? 0 : total },
      message: '',
      errors: [],
      drift: [],
      since: platform.now().toISOString(),
      ...scripted,
    };
    state.bundles.set(bundle.name, status);
    if (content.ownership === 'full') state.owned[bundle.name] = removed ? 0 : total;
    else {
      state.labels = new Map(
        removed
          ? []
          : content.phases.flatMap((phase) =>
              phase.objects.map(({ metadata }) => [metadata.name, metadata.labels ?? {}]),
            ),
      );
    }
  }

  /** Only what changed travels, and nothing when nothing did. */
  async function tellObjects(link: Awaited<ReturnType<typeof agent>>): Promise<void> {
    const { seq: base, digests } = state.objects;
    const facts = factsOf(state, options).map(toldOf);
    const upserts = facts
      .filter(({ key, digest }) => digests.get(key) !== digest)
      .map(({ key: _key, ...told }) => told);
    if (upserts.length === 0) return;
    const report = { base, upserts, removals: [], omitted: {}, complete: true };
    const { seq } = await takeObjects(platform, link, report);
    state.objects = { seq, digests: new Map(facts.map(({ key, digest }) => [key, digest])) };
  }

  return {
    clusterId,
    name,
    state,
    options,
    /** One pass: take what is wanted, do it as the script says, report. */
    async pass(): Promise<void> {
      await take();
      for (const bundle of state.desired) await apply(bundle);
      for (const known of state.bundles.keys()) {
        if (!state.desired.some((bundle) => bundle.name === known)) state.bundles.delete(known);
      }
      await this.report();
    },
    async report(more: Partial<StatusReport> = {}): Promise<void> {
      const link = await agent();
      await takeInventory(platform, link, inventoryOf(state, options));
      await tellObjects(link);
      await takeStatus(platform, link, {
        bootId,
        startedAt,
        seq: ++state.seq,
        generation: Math.max(0, state.generation),
        agent: { version: '0.0.0', pod: 'stand-in', namespace: 'ambit-system' },
        cluster: {
          kubernetesVersion: options.kubernetesVersion ?? 'v1.34.4',
          nodes: [{ name: 'n1', ready: true, version: 'v1.34.4', os: 'linux', arch: 'amd64' }],
          foreignIstio: [],
          gatewayApi: options.gatewayApi ?? null,
        },
        bundles: [...state.bundles.values()],
        actions: [...state.actions.values()],
        conditions: [],
        logs: [],
        ...more,
      });
    },
  };
}

type Labels = Record<string, string>;

const namespacesOf = ({ namespaces = ['shop'] }: StandInOptions): string[] => namespaces;

const shownMode = (labels: Labels = {}, { blind }: StandInOptions): 'sidecar' | 'L4' | undefined =>
  blind
    ? undefined
    : labels['istio-injection']
      ? 'sidecar'
      : labels['istio.io/dataplane-mode']
        ? 'L4'
        : undefined;

/** Each namespace with its labels and a pod that shows what they ask for. */
function factsOf(state: { labels: Map<string, Labels> }, options: StandInOptions): KubeObject[] {
  return namespacesOf(options).flatMap((name) => {
    const labels = state.labels.get(name) ?? {};
    const mode = shownMode(labels, options);
    const shows = { sidecar: mode === 'sidecar', redirected: mode === 'L4' };
    return [namespaceFact(name, labels), pod(`${name}/echo`, shows)];
  });
}

function toldOf(object: KubeObject) {
  const { apiVersion, kind, metadata } = object;
  const { group } = splitApiVersion(apiVersion);
  return {
    key: objectKey({ group, kind, namespace: metadata.namespace ?? '', name: metadata.name }),
    digest: createHash('sha256').update(JSON.stringify(object)).digest('hex'),
    origin: 'fact' as const,
    writer: null,
    object,
  };
}

function inventoryOf(
  state: { labels: Map<string, Labels>; owned: Record<string, number> },
  options: StandInOptions,
): Inventory {
  const namespaces = namespacesOf(options);
  const content = {
    namespaces: namespaces.map((name) => ({ name, labels: {}, phase: 'Active' })),
    workloads: namespaces.map((namespace): Inventory['workloads'][number] => {
      const mode = shownMode(state.labels.get(namespace), options);
      return {
        namespace,
        kind: 'Deployment',
        name: 'echo',
        serviceAccount: 'echo',
        pods: 2,
        ready: 2,
        enrolled: mode ? 2 : 0,
        mode: (mode ?? 'none') as 'none',
        revision: mode ? 'default' : '',
        proxyVersions: {},
      };
    }),
    owned: { ...state.owned },
  };
  return { digest: JSON.stringify(content), ...content };
}

/** The stand-in renderer writes the release into istiod's labels. */
function versionOf(bundle: Awaited<ReturnType<typeof readBundle>>): string {
  const istiod = bundle?.phases
    .flatMap((phase) => phase.objects)
    .find((object) => object.kind === 'Deployment') as
    | { spec?: { template?: { metadata?: { labels?: { version?: string } } } } }
    | undefined;
  return istiod?.spec?.template?.metadata?.labels?.version ?? '';
}
