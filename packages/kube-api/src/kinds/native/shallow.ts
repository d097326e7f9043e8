import type { Kind } from '../kind.ts';
import { native } from './core.ts';
import { ageColumn, path } from './print.ts';
import { flag, object, open, text, textMap } from './schema.ts';

/**
 * Kinds known by name only: clients list and watch them, or charts bring them along; what is in
 * them is kept as it comes.
 */
const shallow = (
  group: string,
  kind: string,
  plural: string,
  scope: 'namespaced' | 'cluster',
  shortNames: string[] = [],
): Kind =>
  native({ group, kind, plural, shortNames }, scope, {
    status: true,
    schema: object({ spec: open, status: open }),
    computedColumns: [ageColumn],
  });

const ingressClass = native(
  { group: 'networking.k8s.io', kind: 'IngressClass', plural: 'ingressclasses' },
  'cluster',
  {
    schema: object({ spec: open }),
    computedColumns: [path('Controller', 'spec', 'controller'), ageColumn],
  },
);

const priorityClass = native(
  {
    group: 'scheduling.k8s.io',
    kind: 'PriorityClass',
    plural: 'priorityclasses',
    shortNames: ['pc'],
  },
  'cluster',
  {
    schema: object({
      value: { type: 'integer' },
      globalDefault: flag,
      description: text,
      preemptionPolicy: text,
    }),
    computedColumns: [path('Value', 'value'), ageColumn],
  },
);

const storageClass = native(
  { group: 'storage.k8s.io', kind: 'StorageClass', plural: 'storageclasses', shortNames: ['sc'] },
  'cluster',
  {
    schema: {
      ...object({ provisioner: text, parameters: textMap }),
      'x-kubernetes-preserve-unknown-fields': true,
    },
    computedColumns: [path('Provisioner', 'provisioner'), ageColumn],
  },
);

export const shallowKinds: Kind[] = [
  ingressClass,
  priorityClass,
  storageClass,
  shallow('', 'PersistentVolume', 'persistentvolumes', 'cluster', ['pv']),
  shallow('', 'LimitRange', 'limitranges', 'namespaced', ['limits']),
  shallow('', 'ReplicationController', 'replicationcontrollers', 'namespaced', ['rc']),
  shallow(
    'admissionregistration.k8s.io',
    'ValidatingAdmissionPolicy',
    'validatingadmissionpolicies',
    'cluster',
  ),
  shallow(
    'admissionregistration.k8s.io',
    'ValidatingAdmissionPolicyBinding',
    'validatingadmissionpolicybindings',
    'cluster',
  ),
];
