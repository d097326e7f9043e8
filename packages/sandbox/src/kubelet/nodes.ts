import { itself, nothing, splitKey, type Controller, type Decision } from '../client/controller.ts';
import { setStatus, timestamp, withConditions } from '../controllers/common.ts';
import type { Lease, NewObject, Node } from '../objects.ts';
import { sandboxVersion, simulatedLabel } from '../simulated.ts';

const heartbeatMs = 5_000;
const renewMarginMs = 200;

/** The nodes a sandbox begins with: one for each of three zones. */
export function sandboxNodes(): NewObject[] {
  return ['a', 'b', 'c'].map((zone, index) => {
    const name = `sandbox-node-${index + 1}`;
    return {
      apiVersion: 'v1',
      kind: 'Node',
      metadata: {
        name,
        labels: {
          [simulatedLabel]: 'true',
          'kubernetes.io/hostname': name,
          'kubernetes.io/os': 'linux',
          'kubernetes.io/arch': 'amd64',
          'topology.kubernetes.io/region': 'sandbox',
          'topology.kubernetes.io/zone': `sandbox-${zone}`,
        },
      },
      spec: { podCIDR: `10.244.${index + 1}.0/24`, podCIDRs: [`10.244.${index + 1}.0/24`] },
    };
  });
}

/** Renews the lease of every node that is not broken, and says that it is ready. */
export function nodeHeartbeat(
  isBroken: (node: string) => boolean,
  everyMs = heartbeatMs,
): Controller {
  return {
    name: 'node-heartbeat',
    manager: 'kubelet',
    triggers: { nodes: itself },
    decide: (key, view, now) => {
      const [, name] = splitKey(key);
      const node = view.get('nodes', '', name);
      if (node === undefined || isBroken(name)) return nothing;
      return beat(
        node,
        view.get('leases.coordination.k8s.io', 'kube-node-lease', name),
        now,
        everyMs,
      );
    },
  };
}

export function beat(
  node: Node,
  lease: Lease | undefined,
  now: Date,
  everyMs = heartbeatMs,
): Decision {
  const { name } = node.metadata;
  const renewTime = `${now.toISOString().slice(0, 23)}000Z`;
  const agoMs = now.getTime() - Date.parse(lease?.spec?.renewTime ?? '1970-01-01T00:00:00Z');
  const isDue = agoMs >= everyMs - renewMarginMs;
  const renew =
    lease === undefined
      ? [
          {
            do: 'create' as const,
            object: {
              apiVersion: 'coordination.k8s.io/v1',
              kind: 'Lease',
              metadata: { name, namespace: 'kube-node-lease' },
              spec: { holderIdentity: name, leaseDurationSeconds: 40, renewTime },
            },
          },
        ]
      : isDue
        ? [
            {
              do: 'patch' as const,
              kind: 'leases.coordination.k8s.io' as const,
              ref: { namespace: 'kube-node-lease', name },
              patch: { spec: { renewTime } },
            },
          ]
        : [];
  const index = name.at(-1) ?? '1';
  const heard = { status: 'False' as const, lastHeartbeatTime: timestamp(now) };
  const isUp = node.status?.conditions?.some(
    ({ type, status }) => type === 'Ready' && status === 'True',
  );
  const conditions = isUp
    ? node.status?.conditions
    : withConditions(
        node.status?.conditions,
        [
          {
            type: 'MemoryPressure',
            reason: 'KubeletHasSufficientMemory',
            message: 'simulated',
            ...heard,
          },
          {
            type: 'DiskPressure',
            reason: 'KubeletHasNoDiskPressure',
            message: 'simulated',
            ...heard,
          },
          {
            type: 'PIDPressure',
            reason: 'KubeletHasSufficientPID',
            message: 'simulated',
            ...heard,
          },
          {
            ...heard,
            type: 'Ready',
            status: 'True',
            reason: 'KubeletReady',
            message: 'simulated kubelet is running',
          },
        ],
        now,
      );
  return {
    actions: [
      ...renew,
      ...setStatus(node, {
        conditions,
        addresses: [
          { type: 'InternalIP', address: `192.0.2.1${index}` },
          { type: 'Hostname', address: name },
        ],
        capacity: { cpu: '8', memory: '32Gi', pods: '110' },
        allocatable: { cpu: '8', memory: '32Gi', pods: '110' },
        nodeInfo: {
          architecture: 'amd64',
          bootID: 'simulated',
          containerRuntimeVersion: 'simulated://1.0.0',
          kernelVersion: 'simulated',
          kubeProxyVersion: sandboxVersion,
          kubeletVersion: sandboxVersion,
          machineID: 'simulated',
          operatingSystem: 'linux',
          osImage: 'Ambit sandbox (simulated)',
          systemUUID: 'simulated',
        },
      }),
    ],
    againMs: isDue || lease === undefined ? everyMs : Math.max(renewMarginMs, everyMs - agoMs),
  };
}
