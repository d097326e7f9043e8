import { bundlePhases, type Bundle, type BundlePhase } from '@ambit/contracts/agent/bundle';
import { kubeObjectSchema, type KubeObject } from '@ambit/contracts/common';
import { LineCounter, parseAllDocuments } from 'yaml';
import { meshLabel, withLabels } from '../labels.ts';
import { ownedInCluster } from './exclude.ts';
import { compareObjects, identity, phaseOf, waitOf } from './order.ts';

/**
 * Objects of a YAML stream as an installer prints it.
 * @throws Error naming the line when the text is no YAML or a document is no Kubernetes object
 */
export function objectsOf(yaml: string): KubeObject[] {
  const lines = new LineCounter();
  const objects: KubeObject[] = [];
  for (const document of parseAllDocuments(yaml, { lineCounter: lines })) {
    if (!('errors' in document)) continue;
    const problem = document.errors[0];
    if (problem) throw new Error(`the rendered YAML does not parse: ${problem.message}`);
    const value: unknown = document.toJS();
    if (value === null || value === undefined) continue;
    const parsed = kubeObjectSchema.safeParse(value);
    if (!parsed.success) {
      const line = lines.linePos(document.contents?.range?.[0] ?? document.range[0]).line;
      throw new Error(`the document at line ${line} is no Kubernetes object`);
    }
    objects.push(parsed.data);
  }
  return objects;
}

export interface ControlPlaneParts {
  meshId: string;
  /** What the installer rendered. */
  rendered: KubeObject[];
  /** CRDs of Gateway API; empty when the cluster keeps its own. */
  gatewayApi: KubeObject[];
  /** Objects of options and patches. */
  extras: KubeObject[];
}

/** The control-plane bundle: everything of a release in the order it is to be applied, labelled with its mesh. */
export function controlPlaneBundle(parts: ControlPlaneParts): Bundle {
  const byPhase = new Map<BundlePhase, KubeObject[]>(bundlePhases.map((phase) => [phase, []]));
  const seen = new Set<string>();
  const put = (phase: BundlePhase, object: KubeObject) => {
    const key = identity(object);
    if (seen.has(key)) return;
    seen.add(key);
    byPhase.get(phase)?.push(withLabels(object, { [meshLabel]: parts.meshId }));
  };
  const all = [...parts.rendered, ...parts.extras];
  for (const name of namespacesOf(all)) put('namespaces', namespace(name));
  for (const object of parts.gatewayApi) {
    if (object.kind === 'CustomResourceDefinition') put('crds', object);
  }
  for (const object of parts.rendered) put(phaseOf(object), object);
  for (const object of parts.extras) put('extras', object);
  return {
    format: 1,
    name: 'control-plane',
    ownership: 'full',
    phases: [...byPhase]
      .filter(([, objects]) => objects.length > 0)
      .map(([name, objects]) => ({
        name,
        objects: objects.sort(compareObjects),
        wait: waitOf[name],
      })),
    ignore: ownedInCluster,
  };
}

const systemNamespaces = new Set(['', 'default', 'kube-system', 'kube-public']);

const namespacesOf = (objects: KubeObject[]): string[] =>
  [...new Set(objects.map((object) => object.metadata.namespace ?? ''))]
    .filter((name) => !systemNamespaces.has(name))
    .sort();

const namespace = (name: string): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Namespace',
  metadata: { name },
});

/** How many objects a bundle holds. */
export const objectCount = (bundle: Bundle): number =>
  bundle.phases.reduce((sum, phase) => sum + phase.objects.length, 0);
