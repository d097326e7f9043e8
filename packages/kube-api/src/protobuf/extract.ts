import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * Writes generated/messages.json: which field number of a Kubernetes protobuf message is which
 * JSON field. Read from the struct tags of the Go modules k8s.io/api and k8s.io/apimachinery, for
 * the kinds this package knows. Run it when a newer Kubernetes adds fields.
 */
const version = process.argv[2] ?? 'v0.34.4';

/** Go package -> API group. */
const packages: Record<string, string> = {
  'core/v1': '',
  'apps/v1': 'apps',
  'batch/v1': 'batch',
  'autoscaling/v1': 'autoscaling',
  'autoscaling/v2': 'autoscaling',
  'policy/v1': 'policy',
  'coordination/v1': 'coordination.k8s.io',
  'discovery/v1': 'discovery.k8s.io',
  'networking/v1': 'networking.k8s.io',
  'rbac/v1': 'rbac.authorization.k8s.io',
  'admissionregistration/v1': 'admissionregistration.k8s.io',
  'authentication/v1': 'authentication.k8s.io',
  'authorization/v1': 'authorization.k8s.io',
};
const roots = `Namespace ConfigMap Secret Pod Service Endpoints ServiceAccount Node Event
PersistentVolumeClaim ResourceQuota Deployment ReplicaSet DaemonSet StatefulSet ControllerRevision
Job CronJob HorizontalPodAutoscaler Scale PodDisruptionBudget Lease EndpointSlice NetworkPolicy
Ingress Role ClusterRole RoleBinding ClusterRoleBinding MutatingWebhookConfiguration
ValidatingWebhookConfiguration SelfSubjectReview SelfSubjectAccessReview SelfSubjectRulesReview
SubjectAccessReview`.split(/\s+/);

const folderOf = (module: string): string =>
  (
    JSON.parse(
      execFileSync('go', ['mod', 'download', '-json', `${module}@${version}`], {
        encoding: 'utf8',
      }),
    ) as { Dir: string }
  ).Dir;

/** [JSON name, type, flags]: r repeated, m map, p pointer (zero counts), i inlined. */
type Field = [string, string, string];

const structs = new Map<string, Record<string, Field>>();
const aliases = new Map<string, string>();

const special: Record<string, string> = {
  'meta/v1.Time': 'Time',
  'meta/v1.MicroTime': 'MicroTime',
  'meta/v1.FieldsV1': 'Raw',
  'runtime.RawExtension': 'Raw',
  'resource.Quantity': 'Quantity',
  'intstr.IntOrString': 'IntOrString',
  'types.UID': 'string',
};

function read(file: string, name: string): void {
  const qualify = (type: string): string => {
    const renamed = type
      .replace(/^metav1\./, 'meta/v1.')
      .replace(/^(?:v1|corev1|core)\./, 'core/v1.');
    return renamed.includes('.') || /^(?:string|bool|byte|u?int\d*|float\d+)$/.test(renamed)
      ? renamed
      : `${name}.${renamed}`;
  };
  let current: Record<string, Field> | undefined;
  for (const line of readFileSync(file, 'utf8').split('\n')) {
    const struct = /^type (\w+) struct \{/.exec(line);
    const alias = /^type (\w+) ([\w.[\]]+)/.exec(line);
    if (struct !== null) structs.set(`${name}.${struct[1]}`, (current = {}));
    else if (line.startsWith('}')) current = undefined;
    else if (alias !== null && alias[2] !== 'struct' && alias[2] !== 'interface') {
      aliases.set(`${name}.${alias[1]}`, alias[2]!);
    }
    const field = /^\t(?:\w+\s+)?(\S+)\s+`([^`]*)`/.exec(line);
    const number = field === null ? null : /protobuf:"\w+,(\d+)/.exec(field[2]!);
    if (current === undefined || field === null || number === null) continue;
    const json = /json:"([^",]*)(?:,([^"]*))?"/.exec(field[2]!);
    const inline = json?.[2]?.includes('inline') === true;
    current[number[1]!] = [json?.[1] ?? '', ...typeOf(field[1]!, qualify, inline ? 'i' : '')];
  }
}

function typeOf(go: string, qualify: (type: string) => string, flags: string): [string, string] {
  if (go === '[]byte') return ['bytes', flags];
  if (go.startsWith('*')) return typeOf(go.slice(1), qualify, `${flags}p`);
  if (go.startsWith('[]')) return typeOf(go.slice(2), qualify, `${flags}r`);
  const map = /^map\[[\w.]+\](.+)$/.exec(go);
  if (map !== null) return typeOf(map[1]!, qualify, `${flags}m`);
  return [qualify(go), flags];
}

const api = folderOf('k8s.io/api');
const machinery = folderOf('k8s.io/apimachinery');
read(join(machinery, 'pkg/apis/meta/v1/types.go'), 'meta/v1');
for (const name of Object.keys(packages)) read(join(api, name, 'types.go'), name);

const messages: Record<string, Record<string, Field>> = {};

/** The type as the decoder knows it; messages on the way are taken up. */
function resolve(type: string, flags: string): [string, string] {
  const known = special[type];
  if (known !== undefined) return [known, flags];
  if (/^(?:string|bool|bytes?|u?int\d*|float\d+)$/.test(type)) {
    return [/int/.test(type) ? 'int' : /float/.test(type) ? 'float' : type, flags];
  }
  if (structs.has(type)) {
    take(type);
    return [type, flags];
  }
  const alias = aliases.get(type);
  if (alias === undefined) return ['string', flags];
  const name = type.slice(0, type.indexOf('.'));
  const qualify = (inner: string): string =>
    inner.includes('.') || /^(?:string|bool|int\d*)$/.test(inner) ? inner : `${name}.${inner}`;
  const [inner, more] = typeOf(alias, qualify, '');
  // A named list is a message of its own on the wire, with its items in field 1.
  if (more === 'r') {
    messages[type] = { 1: ['', 'string', 'r'] };
    return [type, flags];
  }
  return resolve(inner, flags + more);
}

function take(type: string): void {
  if (messages[type] !== undefined) return;
  const fields: Record<string, Field> = (messages[type] = {});
  for (const [number, [json, inner, flags]] of Object.entries(structs.get(type)!)) {
    fields[number] = [json, ...resolve(inner, flags)];
  }
}

const kinds: Record<string, string> = {};
for (const [name, group] of Object.entries(packages)) {
  const apiVersion = `${group === '' ? '' : `${group}/`}${name.split('/')[1]}`;
  for (const kind of roots) {
    const type = `${name}.${kind}`;
    if (!structs.has(type)) continue;
    kinds[`${apiVersion} ${kind}`] = type;
    take(type);
  }
}
take('meta/v1.DeleteOptions');
kinds['* DeleteOptions'] = 'meta/v1.DeleteOptions';
const lines = Object.entries(messages).map(
  ([name, fields]) => ` ${JSON.stringify(name)}: ${JSON.stringify(fields)}`,
);
const target = fileURLToPath(new URL('./generated/messages.json', import.meta.url));
writeFileSync(
  target,
  `{"kinds": ${JSON.stringify(kinds)},\n"messages": {\n${lines.join(',\n')}\n}}\n`,
);
