import { inTenant, type Tx } from '@ambit/db/database';
import { isOlderGatewayApi } from '@ambit/istio/releases/gateway-api';
import { AmbitError } from '../kernel/errors.ts';
import type { PackedBundle } from '../release/renderer.ts';
import { bringsGatewayApi, readBundle, storeBundle } from './bundles.ts';
import type { Engine } from './engine.ts';
import type { ClusterView, Memory, View } from './view.ts';

/** The release and the mesh of a view rendered for each of its clusters, outside of every transaction. */
export interface Rendering {
  packed: Map<string, PackedBundle>;
  lines: string[];
  error?: { message: string; final: boolean };
}

export async function renderFor(
  engine: Engine,
  organisationId: string,
  view: View,
): Promise<Rendering> {
  const { mesh, release } = view;
  const rendering: Rendering = { packed: new Map(), lines: [] };
  if (!mesh || !release) return rendering;
  try {
    for (const cluster of view.clusters) {
      const ours = await inTenant(engine.db, organisationId, (tx) =>
        hasOurGatewayApi(tx, organisationId, cluster),
      );
      const found = cluster.report?.cluster.gatewayApi ?? null;
      const withGatewayApi = ours || !isOlderGatewayApi(release, found);
      if (!withGatewayApi) {
        rendering.lines.push(`${cluster.name} keeps its own, older Gateway API ${found}`);
      }
      rendering.packed.set(
        cluster.id,
        await engine.renderer.render(
          {
            release,
            profile: mesh.profile,
            options: mesh.options,
            meshId: mesh.id,
            withGatewayApi,
          },
          (text) => void rendering.lines.push(text),
        ),
      );
    }
  } catch (error) {
    rendering.packed.clear();
    rendering.error =
      error instanceof AmbitError
        ? {
            message: error.fix ? `${error.message}. To mend it: ${error.fix}` : error.message,
            final: error.code !== 'unavailable',
          }
        : { message: 'Rendering failed for an unexpected reason; see the log', final: false };
    engine.log?.('rendering failed', error);
  }
  return rendering;
}

/** Puts what was rendered into the blobs and into the operation's memory. */
export async function keepRendering(
  tx: Tx,
  organisationId: string,
  memory: Memory,
  { packed, error }: Rendering,
): Promise<void> {
  delete memory.renderingUntil;
  if (error) {
    memory.renderError = error;
    memory.renderAttempts = (memory.renderAttempts ?? 0) + 1;
    return;
  }
  delete memory.renderError;
  for (const bundle of packed.values()) await storeBundle(tx, organisationId, bundle);
  memory.rendered = Object.fromEntries(
    [...packed].map(([clusterId, { digest, objects }]) => [clusterId, { digest, objects }]),
  );
}

async function hasOurGatewayApi(
  tx: Tx,
  organisationId: string,
  cluster: ClusterView,
): Promise<boolean> {
  const row = cluster.desired.find((d) => d.name === 'control-plane' && d.mode === 'present');
  const bundle = row ? await readBundle(tx, organisationId, row.digest) : undefined;
  return bundle !== undefined && bringsGatewayApi(bundle);
}
