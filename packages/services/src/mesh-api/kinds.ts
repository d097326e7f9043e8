import { createHash } from 'node:crypto';
import { canonicalJson } from '@ambit/contracts/canonical';
import type { Tx } from '@ambit/db/database';
import { meshLabel } from '@ambit/istio/labels';
import { kindFromCrd } from '@ambit/kube-api/kinds/from-crd';
import { policyKinds } from '@ambit/kube-api/kinds/native';
import { createRegistry, type Registry } from '@ambit/kube-api/kinds/registry';
import { isObject, type JsonObject } from '@ambit/kube-api/types';
import { readBundle } from '../lifecycle/bundles.ts';
import { gatewayApiKinds, isGatewayApi } from './gateway-api-kinds.ts';

const mostKept = 200;

/** Registries by the digest of the bundle they were read from, and by that of the definitions alone. */
const byBundle = new Map<string, Registry>();
const byDefinitions = new Map<string, Registry>();

/** The digest of the mesh's control plane as it is wanted; undefined before the first render. */
export async function controlPlaneDigest(tx: Tx, meshId: string): Promise<string | undefined> {
  const row = await tx.desiredBundle.findFirst({
    where: { meshId, name: 'control-plane', mode: 'present' },
    orderBy: { clusterId: 'asc' },
    select: { digest: true },
  });
  return row?.digest;
}

/**
 * The kinds of a mesh: those its release defines, with Namespace, ConfigMap, Secret and CustomResourceDefinition.
 * Compiled once for all meshes with the same definitions.
 */
export async function kindsOfBundle(
  tx: Tx,
  organisationId: string,
  digest: string,
): Promise<Registry | undefined> {
  const known = byBundle.get(digest);
  if (known !== undefined) return known;
  const bundle = await readBundle(tx, organisationId, digest);
  if (bundle === undefined) return undefined;
  const brought = bundle.phases
    .flatMap((phase) => phase.objects as unknown as JsonObject[])
    .filter(isDefinition)
    .map(withoutMesh);
  const definitions = brought.some(isGatewayApi) ? brought : [...brought, ...gatewayApiKinds()];
  const key = createHash('sha256').update(canonicalJson(definitions)).digest('hex');
  const registry =
    byDefinitions.get(key) ?? createRegistry([...policyKinds, ...definitions.map(kindFromCrd)]);
  keep(byDefinitions, key, registry);
  keep(byBundle, digest, registry);
  return registry;
}

function keep(map: Map<string, Registry>, key: string, registry: Registry): void {
  map.set(key, registry);
  const oldest = map.keys().next().value;
  if (map.size > mostKept && oldest !== undefined) map.delete(oldest);
}

function isDefinition(object: JsonObject): boolean {
  if (object.kind !== 'CustomResourceDefinition' || !isObject(object.spec)) return false;
  const { versions } = object.spec;
  return (
    Array.isArray(versions) &&
    versions.some((version) => isObject(version) && version.storage === true)
  );
}

/** Without the label that tells meshes apart, the definitions of a release are the same for all. */
function withoutMesh(definition: JsonObject): JsonObject {
  const metadata = isObject(definition.metadata) ? definition.metadata : {};
  const labels = isObject(metadata.labels) ? { ...metadata.labels } : {};
  delete labels[meshLabel];
  return { ...definition, metadata: { ...metadata, labels } };
}
