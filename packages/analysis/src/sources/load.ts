import { isIgnored } from '../istio/ignored-namespaces.ts';
import type { MeshConfig, MeshNetworks } from '../mesh.ts';
import type { Resource } from '../resource.ts';
import { readObject } from '../read-object.ts';
import { defaultIstioNamespace } from '../snapshot.ts';
import type { Snapshot } from '../snapshot.ts';
import { camelKeys } from './camel-keys.ts';
import { parseOne } from './document.ts';
import { noSources, readText } from './text.ts';
import type { Unreadable } from './text.ts';

export type SourceText = { file: string; text: string };

export type LoadOptions = {
  meshConfig?: SourceText;
  meshNetworks?: SourceText;
  /** Takes objects as Istio's own analysis takes files: nothing of `kube-system` and the like. */
  parity?: boolean;
  /** For objects that name no namespace; left open when absent. */
  defaultNamespace?: string;
};

export type Loaded = {
  snapshot: Snapshot;
  unreadable: Unreadable[];
  unknownKinds: ReadonlySet<string>;
};

const ports: readonly [string, number][] = [
  ['http2', 80],
  ['https', 443],
  ['tcp', 31400],
  ['tls', 15443],
];

/**
 * The gateway that Istio installs by default, for files that leave it out: a pod with `istio: ingressgateway` and its
 * Service. None where the mesh has the ingress controller off.
 */
function standIns(meshConfig: MeshConfig, istioNamespace: string): Resource[] {
  if (meshConfig.ingressControllerMode === 'OFF') return [];
  const name = meshConfig.ingressService || 'istio-ingressgateway';
  const labels = { istio: 'ingressgateway' };
  const objects = [
    {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: `${name}-dummypod`, namespace: istioNamespace, labels },
      spec: { containers: [{ name: 'istio-proxy' }] },
    },
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name, namespace: istioNamespace },
      spec: {
        selector: labels,
        ports: ports.map(([port, number]) => ({
          name: port,
          port: number,
          protocol: 'TCP',
          targetPort: number,
        })),
      },
    },
  ];
  return objects.flatMap((object) => {
    const read = readObject(object);
    return 'resource' in read ? [read.resource] : [];
  });
}

/** The value of a single document. Throws an Error that names file and reason when it cannot be read. */
function readSetting<T>(source: SourceText | undefined): T | undefined {
  if (!source) return undefined;
  const parsed = parseOne(source.text);
  if ('problem' in parsed) throw new Error(`${source.file}: ${parsed.problem}`);
  const { value } = parsed;
  if (value !== null && (typeof value !== 'object' || Array.isArray(value))) {
    throw new Error(`${source.file}: an object is needed`);
  }
  return camelKeys(value ?? {}) as T;
}

/** The mesh configuration among the files themselves: ConfigMap `istio` of the control plane's namespace. */
function meshInFiles(resources: Resource[], key: 'mesh' | 'meshNetworks'): SourceText | undefined {
  const found = resources.find(
    ({ kind, namespace, name }) =>
      kind === 'ConfigMap' && name === 'istio' && namespace === defaultIstioNamespace,
  );
  const text = found?.kind === 'ConfigMap' ? found.spec.data?.[key] : undefined;
  return text === undefined
    ? undefined
    : { file: found?.origin?.file ?? 'ConfigMap istio-system/istio', text };
}

function isRepeat(known: Resource, resource: Resource): boolean {
  const [a, b] = [known.origin?.istioText, resource.origin?.istioText];
  if (a !== undefined || b !== undefined) return a === b;
  return JSON.stringify(known.object) === JSON.stringify(resource.object);
}

/** Of equal documents istioctl names the first. */
function withoutRepeats(resources: Resource[]): Resource[] {
  const latest = new Map<string, Resource>();
  return resources.filter((resource) => {
    const known = latest.get(resource.id);
    latest.set(resource.id, resource);
    if (!known || !isRepeat(known, resource)) return true;
    latest.set(resource.id, known);
    return false;
  });
}

/**
 * Reads texts of YAML or JSON into a snapshot. Of objects with one kind and name the last stands.
 * Throws an Error when the mesh configuration or networks cannot be read.
 */
export function loadTexts(texts: Iterable<SourceText>, options: LoadOptions = {}): Loaded {
  const sources = noSources();
  const { parity = false } = options;
  for (const { file, text } of texts) {
    readText(text, file, sources, { defaultNamespace: options.defaultNamespace, parity });
  }
  const own = (key: 'mesh' | 'meshNetworks'): SourceText | undefined =>
    parity ? undefined : meshInFiles(sources.resources, key);
  const meshConfig = readSetting<MeshConfig>(options.meshConfig ?? own('mesh')) ?? {};
  const meshNetworks = readSetting<MeshNetworks>(options.meshNetworks ?? own('meshNetworks')) ?? {};
  const resources = [...standIns(meshConfig, defaultIstioNamespace), ...sources.resources];
  return {
    snapshot: {
      resources: parity
        ? withoutRepeats(resources.filter((resource) => !isIgnored(resource)))
        : resources,
      meshConfig,
      meshNetworks,
    },
    unreadable: sources.unreadable,
    unknownKinds: sources.unknownKinds,
  };
}
