import { must, type KubeObject } from '@ambit/run/testing/kubectl';
import { installSample, killAgent } from '../lab/cluster.ts';
import type { Ground, GroundPlatform } from './ground.ts';
import type { Lab } from './lab.ts';
import { traffic } from './traffic.ts';

/** The lab as a ground: everything through kubectl, as a user of it would. */
export function labGround(lab: Lab, platform: GroundPlatform): Ground {
  const { kubectl } = lab;
  const [first, second, broken] = lab.releases.map(({ version }) => version) as [
    string,
    string,
    string,
  ];
  return {
    kind: 'lab',
    platform,
    releases: [first, second, broken],
    namespace: 'shop',
    service: 'echo',
    brokenTimeoutSeconds: 30,
    prepare: () => installSample(lab),
    join: async (command) => {
      await must('sh', ['-c', command], { env: lab.userEnv });
    },
    leave: async (command) => {
      await must('sh', ['-c', command], { env: lab.userEnv });
      await kubectl.do('delete namespace shop istio-system --wait=true');
    },
    list: <T extends KubeObject>(resource: string, namespace: string) =>
      kubectl.get<T>(`${resource} -n ${namespace} --show-managed-fields`),
    applyDirectly: async (yaml, manager) => {
      await kubectl.do(`apply --server-side --field-manager=${manager} -f -`, yaml);
    },
    labelled: (label) => kubectl.labelled(label),
    userEnv: lab.userEnv,
    traffic: (requests) => traffic(kubectl, requests),
    killAgent: () => killAgent(lab),
  };
}
