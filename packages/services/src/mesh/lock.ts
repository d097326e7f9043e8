import { meshOptionsSchema, type MeshOptions } from '@ambit/contracts/mesh-options';
import type { Tx } from '@ambit/db/database';
import type { Profile } from '@ambit/istio/values';
import { AmbitError, notFound } from '../kernel/errors.ts';
import type { LastReady } from '../lifecycle/view.ts';

export interface LockedMesh {
  id: string;
  name: string;
  profile: Profile;
  release: string;
  activeRelease: string | null;
  options: MeshOptions;
  lastReady: LastReady | null;
  version: number;
}

/**
 * A mesh with its row locked until the transaction ends, so that two changes take turns.
 * @throws AmbitError not_found
 */
export async function lockMesh(tx: Tx, meshId: string): Promise<LockedMesh> {
  const locked = await tx.$queryRaw<
    { id: string }[]
  >`SELECT id FROM mesh WHERE id = ${meshId} FOR NO KEY UPDATE`;
  if (locked.length === 0) throw notFound('mesh', meshId);
  const row = await tx.mesh.findUniqueOrThrow({ where: { id: meshId } });
  return {
    id: row.id,
    name: row.name,
    profile: row.profile as Profile,
    release: row.release,
    activeRelease: row.activeRelease,
    options: meshOptionsSchema.parse(row.options),
    lastReady: row.lastReady as LastReady | null,
    version: row.version,
  };
}

/** @throws AmbitError not_found when the organisation has no such mesh */
export async function requireMesh(
  tx: Tx,
  meshId: string,
): Promise<Pick<LockedMesh, 'id' | 'name' | 'profile'>> {
  const mesh = await tx.mesh.findUnique({
    where: { id: meshId },
    select: { id: true, name: true, profile: true },
  });
  if (!mesh) throw notFound('mesh', meshId);
  return { ...mesh, profile: mesh.profile as Profile };
}

/** @throws AmbitError precondition_failed when someone else changed it since it was read */
export function requireVersion(
  what: string,
  row: { version: number },
  version: number | undefined,
): void {
  if (version === undefined || row.version === version) return;
  throw new AmbitError(
    'precondition_failed',
    `${what} was changed since: it is at version ${row.version}, the change is based on ${version}`,
    { fix: 'read it again and repeat the change' },
  );
}
