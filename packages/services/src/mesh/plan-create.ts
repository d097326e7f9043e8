import type { InputOf } from '@ambit/contracts/operation';
import type { meshCreate } from '@ambit/contracts/operations/mesh';
import type { Release } from '@ambit/contracts/release';
import type { Context } from '../kernel/context.ts';
import { notFound } from '../kernel/errors.ts';
import { checkClusters, checkRelease, type Check } from './checks.ts';
import { clusterFactsOf, type ClusterFacts } from './cluster-facts.ts';
import { findRelease } from './releases.ts';

export interface CreatePlan {
  release: Release;
  clusters: ClusterFacts[];
  checks: Check[];
}

/**
 * What a creation would be made of, and what stands in its way.
 * @throws AmbitError not_found for a cluster that is not there, invalid_input for an unknown release
 */
export async function planCreate(
  context: Context,
  input: InputOf<typeof meshCreate>,
): Promise<CreatePlan> {
  const { tx, now, platform } = context;
  const ids = [...new Set(input.clusterIds)];
  const clusters = await clusterFactsOf(context, { id: { in: ids } });
  const missing = ids.find((id) => !clusters.some((cluster) => cluster.id === id));
  if (missing) throw notFound('cluster', missing);
  const release = findRelease(
    platform.releases,
    input.release,
    clusters.map(({ report }) => report?.cluster.kubernetesVersion ?? ''),
  );
  const namesake = await tx.mesh.findFirst({ where: { name: input.name }, select: { id: true } });
  const checks: Check[] = [
    ...(namesake
      ? [
          {
            name: 'NameTaken',
            severity: 'error' as const,
            message: `there is a mesh named ${input.name} already`,
            fix: 'choose another name',
          },
        ]
      : []),
    ...checkClusters({ clusters, release }),
    ...checkRelease({ release, profile: input.profile, options: input.options }, now),
  ];
  return { release, clusters, checks };
}
