import type { WaypointReason } from '@ambit/contracts/agent/waypoint';

/** What is to be done about a waypoint that is not as it should be, by the agent's word for it. */
const remedies: Partial<Record<WaypointReason, string>> = {
  Starting: 'Wait: a replica is ready within seconds, or this says what keeps it.',
  NotProgrammed: 'Look at the conditions of its Gateway, and whether istiod runs.',
  ImagePullBackOff:
    'Let the nodes reach the registry of the proxy’s image, or give the mesh an image that they can pull.',
  CrashLoop: 'Read the log of its pod below: the proxy says there why it ends.',
  Unschedulable:
    'Make room on the nodes that its pool may use, or move it to a pool with other nodes or a smaller size.',
  QuotaExceeded:
    'Raise the ResourceQuota of the namespace, or move it to a pool with a smaller size.',
  ClassMissing: 'Choose a pool that is there; Change moves it.',
  ForeignController: 'Give the Gateway a class of Istio or of a pool; Change does it.',
  ForeignDeployer:
    'Let one of the two that deploy it go: take the annotation of the other one away.',
  ParametersElsewhere:
    'Put the ConfigMap of its parametersRef into the namespace of the Gateway; istiod reads no other.',
  ParametersMissing: 'Make the ConfigMap that its parametersRef names, or take the reference away.',
  ReplicasMissing: 'Look at its pods below: fewer are ready than are asked for.',
  ConfigurationRejected:
    'Correct the policy that is named below; the proxy goes on with what it had.',
  NoReplicas: 'Give it at least one replica: connections through it fail until it has one.',
};

export const remedyOf = (reason: string | null): string | undefined =>
  reason === null ? undefined : remedies[reason as WaypointReason];
