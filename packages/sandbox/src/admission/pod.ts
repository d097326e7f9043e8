import type { Admission } from '@ambit/kube-api/admission';
import type { Pod, Toleration } from '../objects.ts';

/** How long a pod stays on a node that is not ready. A real cluster gives it 300 s; a sandbox shows the move sooner. */
export const evictAfterSeconds = 20;

const tolerationsFor = (tolerationSeconds: number): Toleration[] =>
  ['not-ready', 'unreachable'].map((name) => ({
    key: `node.kubernetes.io/${name}`,
    operator: 'Exists',
    effect: 'NoExecute',
    tolerationSeconds,
  }));

/** What the API server fills in on every new pod: its account, its tolerations, its defaults. */
export const podDefaults = (seconds = evictAfterSeconds): Admission => ({
  name: 'pod-defaults',
  mutate: ({ operation, version, object, subresource }) => {
    if (version.resource.id !== 'pods' || operation !== 'CREATE' || subresource !== '') return;
    const pod = object as unknown as Pod;
    const { spec } = pod;
    spec.serviceAccountName ??= 'default';
    spec.restartPolicy ??= 'Always';
    spec.terminationGracePeriodSeconds ??= 30;
    spec.dnsPolicy ??= 'ClusterFirst';
    spec.schedulerName ??= 'default-scheduler';
    const missing = tolerationsFor(seconds).filter(
      ({ key }) =>
        !spec.tolerations?.some(
          (one) => one.key === key || (!one.key && one.operator === 'Exists'),
        ),
    );
    spec.tolerations = [...(spec.tolerations ?? []), ...missing];
    (object as { status?: object }).status = { phase: 'Pending', qosClass: 'Burstable' };
  },
});
