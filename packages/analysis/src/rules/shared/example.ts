import { kinds } from '../../kinds.ts';
import type { KindName } from '../../kinds.ts';
import type { Labels } from '../../kubernetes.ts';
import type { Example, Expected } from '../../rule.ts';

const byName = new Map(kinds.map((kind) => [kind.name, kind]));

const mapping = (title: string, entries: Labels | undefined): string[] =>
  entries && Object.keys(entries).length > 0
    ? [
        `  ${title}:`,
        ...Object.entries(entries).map(([key, value]) => `    ${key}: ${JSON.stringify(value)}`),
      ]
    : [];

/**
 * A document of an example: `KubernetesGateway edge/main`, the YAML that follows its metadata, labels, annotations.
 * Cluster-scoped kinds have a name alone.
 */
export function doc(what: string, body = '', labels?: Labels, annotations?: Labels): string {
  const [word = '', fullName = ''] = what.split(' ');
  const kind = byName.get(word as KindName);
  if (!kind) throw new Error(`no rule knows the kind ${word}`);
  const slash = fullName.indexOf('/');
  const apiVersion = `${kind.group === '' ? '' : `${kind.group}/`}${kind.versions[0]}`;
  return [
    `apiVersion: ${apiVersion}`,
    `kind: ${kind.kind}`,
    'metadata:',
    `  name: ${fullName.slice(slash + 1)}`,
    ...(slash < 0 ? [] : [`  namespace: ${fullName.slice(0, slash)}`]),
    ...mapping('labels', labels),
    ...mapping('annotations', annotations),
    ...(body === '' ? [] : [body.trim()]),
    '',
  ].join('\n');
}

/** Documents as one text. */
export const docs = (...documents: string[]): string => documents.join('---\n');

type More = Pick<Example, 'meshConfig' | 'now' | 'yamlOfClusters' | 'observed' | 'faults'>;

/** `VirtualService shop/web spec.http[0]`: what is found, and where. */
function expected(text: string): Expected {
  const [kind, name, path] = text.split(' ');
  return { resource: `${kind} ${name}`, path: path ?? '' };
}

const example =
  (aspect: Example['aspect']) =>
  (title: string, yaml: string, expect: readonly string[] = [], more: More = {}): Example => ({
    title,
    aspect,
    yaml,
    expect: expect.map(expected),
    ...more,
  });

/** Examples; each of `expect` is `Kind namespace/name path`, where no path is the whole object. */
export const positive = example('positive');
export const negative = example('negative');
export const ambient = example('ambient');

/** A namespace in ambient mode. */
export const ambientNamespace = (name: string, labels: Labels = {}): string =>
  doc(`Namespace ${name}`, '', { 'istio.io/dataplane-mode': 'ambient', ...labels });

/** A namespace whose pods get sidecars. */
export const sidecarNamespace = (name: string, labels: Labels = {}): string =>
  doc(`Namespace ${name}`, '', { 'istio-injection': 'enabled', ...labels });

/**
 * Examples of what is wrong in whichever way pods are in the mesh: as they are, and the first positive one once more
 * with its namespaces in ambient mode, where the same is found.
 * @param namespaces names, with a space between
 */
export function sameInAmbient(namespaces: string, examples: Example[]): Example[] {
  const first = examples.find(({ aspect }) => aspect === 'positive');
  if (!first) throw new Error('there is no positive example');
  const within = (yaml: string): string =>
    docs(...namespaces.split(' ').map((name) => ambientNamespace(name)), yaml);
  const clusters = Object.entries(first.yamlOfClusters ?? {});
  return [
    ...examples,
    {
      ...first,
      aspect: 'ambient',
      title: `${first.title}, in ambient mode`,
      yaml: clusters.length > 0 ? first.yaml : within(first.yaml),
      ...(clusters.length > 0
        ? {
            yamlOfClusters: Object.fromEntries(
              clusters.map(([name, yaml]) => [name, within(yaml)]),
            ),
          }
        : {}),
      // Lines are others with the namespaces before them.
      expect: first.expect.map(({ line: _line, ...rest }) => rest),
    },
  ];
}

/** A waypoint, programmed. */
export const waypoint = (fullName: string, labels: Labels = {}): string =>
  doc(
    `KubernetesGateway ${fullName}`,
    `spec:
  gatewayClassName: istio-waypoint
  listeners: [{name: mesh, port: 15008, protocol: HBONE}]`,
    labels,
  );

/** A Service on port 80, named http, that selects `app: name`. */
export const service = (fullName: string, labels: Labels = {}, port = 80): string =>
  doc(
    `Service ${fullName}`,
    `spec:
  selector: {app: ${fullName.slice(fullName.indexOf('/') + 1)}}
  ports: [{name: http, port: ${port}}]`,
    labels,
  );

/** A pod of `app: name`; with a sidecar when asked. */
export const pod = (fullName: string, labels: Labels = {}, hasSidecar = false): string =>
  doc(
    `Pod ${fullName}-1`,
    `spec:
  containers:
  - {name: app, image: app}${hasSidecar ? '\n  - {name: istio-proxy, image: docker.io/istio/proxyv2:1.31.0}' : ''}`,
    { app: fullName.slice(fullName.indexOf('/') + 1), ...labels },
  );
