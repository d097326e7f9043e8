import { createHash } from 'node:crypto';
import { Document, isMap, isSeq } from 'yaml';
import type { Platform } from '../../kernel/context.ts';
import { assertUsable, findByJoinToken } from '../join-token.ts';
import {
  agentName,
  agentNamespace,
  installLabel,
  joinSecretName,
  proxiesRoleName,
  secretsRoleName,
} from './names.ts';
import { clusterRights, ownRights, proxyRights, secretRights, type Right } from './rights.ts';

/**
 * What `kubectl apply -f` installs to join a cluster, as YAML. The token is looked at but not consumed.
 * @throws AmbitError unauthenticated for a token that is unknown, expired or used
 */
export async function installManifest(platform: Platform, token: string): Promise<string> {
  const cluster = await findByJoinToken(platform, token);
  assertUsable(cluster, platform.now());
  return renderManifest({
    clusterName: cluster.name,
    token,
    platformUrl: platform.agentUrl,
    image: platform.agentImage,
  });
}

export interface InstallOptions {
  clusterName: string;
  token: string;
  /** What the agent dials, without a trailing slash. */
  platformUrl: string;
  image: string;
}

/** The manifest itself. Pure: the same options give the same text. */
export function renderManifest(options: InstallOptions): string {
  const head = [
    `# Ambit's agent for the cluster "${options.clusterName}". It only opens connections to ${options.platformUrl};`,
    '# nothing outside of the cluster needs to reach it. Its token works once, within an hour. What it may do, and why, is said below.',
    `# Remove it with: kubectl delete validatingwebhookconfiguration,clusterrolebinding,clusterrole,namespace -l ${installLabel.key}=${installLabel.value}`,
  ].join('\n');
  return `${head}\n${installObjects(options).map(toYaml).join('---\n')}`;
}

type Manifest = Record<string, unknown> & { rights?: Right[] };

const labels = { [installLabel.key]: installLabel.value, 'app.kubernetes.io/name': agentName };
const rbac = 'rbac.authorization.k8s.io';

function installObjects(options: InstallOptions): Manifest[] {
  const secretsRole = { name: secretsRoleName, labels };
  const inNamespace = { name: agentName, namespace: agentNamespace, labels };
  const subjects = [{ kind: 'ServiceAccount', name: agentName, namespace: agentNamespace }];
  const role = (
    kind: string,
    metadata: { name: string; labels: object },
    rights: Right[],
  ): Manifest[] => [
    { apiVersion: `${rbac}/v1`, kind, metadata, rights },
    {
      apiVersion: `${rbac}/v1`,
      kind: `${kind}Binding`,
      metadata,
      roleRef: { apiGroup: rbac, kind, name: metadata.name },
      subjects,
    },
  ];
  return [
    {
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: {
        name: agentNamespace,
        labels: { ...labels, 'pod-security.kubernetes.io/enforce': 'restricted' },
      },
    },
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata: inNamespace },
    ...role('ClusterRole', { name: agentName, labels }, clusterRights),
    ...role('ClusterRole', secretsRole, secretRights),
    ...role('ClusterRole', { name: proxiesRoleName, labels }, proxyRights),
    ...role('Role', inNamespace, [...ownRights]),
    {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: joinSecretName, namespace: agentNamespace, labels },
      stringData: { token: options.token },
    },
    { apiVersion: 'apps/v1', kind: 'Deployment', metadata: inNamespace, spec: deployment(options) },
  ];
}

function deployment(options: InstallOptions): object {
  const selector = { 'app.kubernetes.io/name': agentName };
  // A new token makes new pods, so that joining again needs nothing but another apply.
  const join = createHash('sha256').update(options.token).digest('hex').slice(0, 12);
  const probe = (path: string, periodSeconds: number) => ({
    httpGet: { path, port: 'health' },
    periodSeconds,
  });
  return {
    replicas: 1,
    revisionHistoryLimit: 2,
    selector: { matchLabels: selector },
    template: {
      metadata: { labels: { ...labels, ...selector }, annotations: { 'ambit.dev/join': join } },
      spec: {
        serviceAccountName: agentName,
        terminationGracePeriodSeconds: 20,
        securityContext: {
          runAsNonRoot: true,
          runAsUser: 65532,
          seccompProfile: { type: 'RuntimeDefault' },
        },
        containers: [
          {
            name: 'agent',
            image: options.image,
            imagePullPolicy: 'IfNotPresent',
            env: [
              { name: 'AMBIT_PLATFORM_URL', value: options.platformUrl },
              {
                name: 'AMBIT_JOIN_TOKEN',
                valueFrom: { secretKeyRef: { name: joinSecretName, key: 'token' } },
              },
              {
                name: 'AMBIT_AGENT_NAMESPACE',
                valueFrom: { fieldRef: { fieldPath: 'metadata.namespace' } },
              },
              { name: 'POD_NAME', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } },
              { name: 'AMBIT_AGENT_CACHE', value: '/cache' },
            ],
            ports: [{ name: 'health', containerPort: 8080 }],
            livenessProbe: { ...probe('/healthz', 10), failureThreshold: 6 },
            readinessProbe: probe('/readyz', 2),
            resources: {
              requests: { cpu: '20m', memory: '96Mi' },
              limits: { memory: '512Mi' },
            },
            securityContext: {
              allowPrivilegeEscalation: false,
              readOnlyRootFilesystem: true,
              capabilities: { drop: ['ALL'] },
            },
            volumeMounts: [{ name: 'cache', mountPath: '/cache' }],
          },
        ],
        volumes: [{ name: 'cache', emptyDir: { sizeLimit: '256Mi' } }],
      },
    },
  };
}

function toYaml({ rights, ...object }: Manifest): string {
  const document = new Document(
    rights
      ? { ...object, rules: rights.map((right) => ({ ...right, reason: undefined })) }
      : object,
    { aliasDuplicateObjects: false, keepUndefined: false },
  );
  const rules: unknown = document.get('rules');
  if (rights && isSeq(rules)) {
    rules.items.forEach((rule, index) => {
      if (isMap(rule)) rule.commentBefore = comment(rights[index]?.reason ?? '');
    });
  }
  return document.toString({ lineWidth: 0 });
}

const comment = (text: string): string => text.replace(/(.{1,96})(?:\s+|$)/g, ' $1\n').trimEnd();
