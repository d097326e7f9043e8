import type { SandboxFaultKind } from '@ambit/contracts/sandbox';

export interface FaultChoice {
  kind: SandboxFaultKind;
  title: string;
  /** What follows, in one line. */
  text: string;
  /** What it is aimed at; null for the link, of which there is one. */
  targets: 'pods' | 'nodes' | 'services' | 'serviceAccounts' | null;
  targetLabel: string;
  action: string;
}

/** What can be broken in the sandbox, in the order in which it is worth trying. */
export const faultChoices: readonly FaultChoice[] = [
  {
    kind: 'fail-service',
    title: 'Let a service fail',
    text: 'Half of its requests are answered with 500.',
    targets: 'services',
    targetLabel: 'Service',
    action: 'Let it fail',
  },
  {
    kind: 'slow-service',
    title: 'Slow a service down',
    text: 'Each of its requests takes two seconds longer, and so do its callers.',
    targets: 'services',
    targetLabel: 'Service',
    action: 'Slow it down',
  },
  {
    kind: 'crash-pod',
    title: 'Crash a pod',
    text: 'Its containers end with an error and start again after a pause that grows. Nothing to mend.',
    targets: 'pods',
    targetLabel: 'Pod',
    action: 'Crash it',
  },
  {
    kind: 'miss-pod',
    title: 'Let the CNI miss a pod',
    text: 'Its labels ask for ambient and nothing redirects its traffic, until the pod or the CNI of its node restarts.',
    targets: 'pods',
    targetLabel: 'Pod',
    action: 'Miss it',
  },
  {
    kind: 'stop-cni',
    title: 'Stop the CNI of a node',
    text: 'Its pod stays and is not ready: new pods of that node are not redirected, until it restarts.',
    targets: 'nodes',
    targetLabel: 'Node',
    action: 'Stop it',
  },
  {
    kind: 'break-node',
    title: 'Break a node',
    text: 'It falls silent: not ready after 15 s, and 20 s later its pods move to other nodes.',
    targets: 'nodes',
    targetLabel: 'Node',
    action: 'Break it',
  },
  {
    kind: 'expire-certificate',
    title: 'Expire a certificate',
    text: 'Connections with mutual TLS from and to this identity break.',
    targets: 'serviceAccounts',
    targetLabel: 'Service account',
    action: 'Expire it',
  },
  {
    kind: 'age-ingress',
    title: 'Let the ingress certificate run out',
    text: 'The shop gets an ingress Gateway whose TLS certificate ends in ten days: a finding, and what alerts you set on it. Undoing takes the Gateway away.',
    targets: null,
    targetLabel: '',
    action: 'Let it run out',
  },
  {
    kind: 'expire-ingress',
    title: 'Expire the ingress certificate',
    text: 'The same with a certificate that ended yesterday: clients would refuse the connection.',
    targets: null,
    targetLabel: '',
    action: 'Expire it',
  },
  {
    kind: 'drop-link',
    title: 'Drop the agent’s link',
    text: 'The platform hears nothing of the cluster until it is restored; traffic goes on.',
    targets: null,
    targetLabel: '',
    action: 'Drop it',
  },
];

const mends: Record<string, { kind: SandboxFaultKind; word: string }> = {
  'fail-service': { kind: 'mend-service', word: 'Mend' },
  'slow-service': { kind: 'mend-service', word: 'Mend' },
  'miss-pod': { kind: 'mend-cni', word: 'Mend' },
  'stop-cni': { kind: 'mend-cni', word: 'Mend' },
  'break-node': { kind: 'heal-node', word: 'Heal' },
  'expire-certificate': { kind: 'renew-certificate', word: 'Renew' },
  'age-ingress': { kind: 'renew-ingress', word: 'Undo' },
  'expire-ingress': { kind: 'renew-ingress', word: 'Undo' },
  'drop-link': { kind: 'restore-link', word: 'Restore' },
};

/** How a fault is undone; undefined for one that passes by itself. */
export const mendOf = (kind: string) => mends[kind];
