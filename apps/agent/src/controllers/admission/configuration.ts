import type { KubeObject } from '@ambit/contracts/common';
import { knownKinds } from '@ambit/istio/kinds';
import { isStatus } from '../../kube/client.ts';
import { applyObject, type Cluster } from '../../kube/objects.ts';
import { pathOfObject } from '../../kube/resources.ts';
import { bundleLabel, refOf } from '../bundle/applyset.ts';
import { fieldManager } from '../bundle/drift.ts';

/** Where API servers reach the webhook: the agent's Service, or an address of its own outside of a cluster. */
export interface Place {
  namespace: string;
  /** Port that the agent's container listens on. */
  port: number;
  /** `https://host:port`, for an agent that does not run in the cluster. */
  url?: string | undefined;
}

export const webhookName = 'ambit-admission';
/** As the join manifest marks what goes with the agent. */
const labels = { 'ambit.dev/install': 'agent', 'app.kubernetes.io/name': 'ambit-agent' };
const passed = ['istio-system', 'kube-system'];
const groups = [...new Set(knownKinds.map(({ group }) => group))].sort();

export const serviceHost = ({ namespace }: Place): string => `${webhookName}.${namespace}.svc`;

const service = ({ namespace, port }: Place): KubeObject =>
  ({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: webhookName, namespace, labels },
    spec: {
      selector: { 'app.kubernetes.io/name': 'ambit-agent' },
      ports: [{ name: 'https-webhook', port: 443, targetPort: port, protocol: 'TCP' }],
    },
  }) as KubeObject;

export interface Asked {
  /** PEM. */
  authorities: string;
  /** Not to be guessed, so that only API servers ask. */
  path: string;
  user: string;
  /** After it a write passes. */
  timeoutSeconds: number;
}

/** Labels of an object and of what it was, in CEL. */
const differ = (path: string): string =>
  ['object', 'oldObject']
    .map((name) => `(has(${name}.${path}) ? ${name}.${path} : {})`)
    .join(' != ');

interface Questions {
  name: string;
  rules: [groups: string[], resources: string[]][];
  operations: string[];
  /** Beside that of every webhook here. */
  conditions: { name: string; expression: string }[];
}

/** Of pods and workloads only labels are asked about, and of pods only those that people write. */
const questions: Questions[] = [
  {
    name: 'admission.ambit.dev',
    rules: [
      [groups, ['*']],
      [[''], ['services', 'namespaces']],
    ],
    operations: ['CREATE', 'UPDATE', 'DELETE'],
    conditions: [],
  },
  {
    name: 'pods.admission.ambit.dev',
    rules: [[[''], ['pods']]],
    operations: ['CREATE', 'UPDATE'],
    conditions: [
      {
        name: 'labels-of-people',
        expression: `oldObject == null ? !has(object.metadata.ownerReferences) : ${differ('metadata.labels')}`,
      },
    ],
  },
  {
    name: 'workloads.admission.ambit.dev',
    rules: [[['apps'], ['deployments', 'statefulsets', 'daemonsets']]],
    operations: ['CREATE', 'UPDATE'],
    conditions: [
      {
        name: 'labels-of-pods',
        expression: `oldObject == null || ${differ('spec.template.metadata.labels')}`,
      },
    ],
  },
];

function configuration(place: Place, asked: Asked): KubeObject {
  const { authorities, path, user, timeoutSeconds } = asked;
  const reached = place.url
    ? { url: `${place.url}${path}` }
    : { service: { name: webhookName, namespace: place.namespace, port: 443, path } };
  return {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'ValidatingWebhookConfiguration',
    metadata: { name: webhookName, labels },
    webhooks: questions.map(({ name, rules, operations, conditions }) => ({
      name,
      clientConfig: { ...reached, caBundle: Buffer.from(authorities).toString('base64') },
      rules: rules.map(([apiGroups, resources]) => ({
        apiGroups,
        resources,
        apiVersions: ['*'],
        operations,
        scope: '*',
      })),
      failurePolicy: 'Ignore',
      timeoutSeconds,
      sideEffects: 'None',
      matchPolicy: 'Equivalent',
      admissionReviewVersions: ['v1'],
      namespaceSelector: {
        matchExpressions: [
          {
            key: 'kubernetes.io/metadata.name',
            operator: 'NotIn',
            values: [...new Set([place.namespace, ...passed])].sort(),
          },
        ],
      },
      objectSelector: {
        matchExpressions: [{ key: bundleLabel, operator: 'DoesNotExist' }],
      },
      matchConditions: [
        { name: 'not-the-agent', expression: `request.userInfo.username != '${user}'` },
        ...conditions,
      ],
    })),
  } as unknown as KubeObject;
}

/** Writes, or writes again, what makes API servers ask. */
export async function announce(
  cluster: Cluster,
  place: Place,
  asked: Asked,
  signal: AbortSignal,
): Promise<void> {
  const options = { manager: fieldManager, force: true };
  if (!place.url) await applyObject(cluster, service(place), options, signal);
  await applyObject(cluster, configuration(place, asked), options, signal);
}

/** Takes away what `announce` wrote, by this agent or an earlier one. */
export async function withdraw(cluster: Cluster, place: Place, signal: AbortSignal): Promise<void> {
  const nothing = { authorities: '', path: '', user: '', timeoutSeconds: 1 };
  for (const object of [configuration(place, nothing), service(place)]) {
    const resource = await cluster.resources.of(object.apiVersion, object.kind);
    try {
      await cluster.client.request('DELETE', pathOfObject(resource, refOf(object)), { signal });
    } catch (error) {
      if (!isStatus(error, 404)) throw error;
    }
  }
}
