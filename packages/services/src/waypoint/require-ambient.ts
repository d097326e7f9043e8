import { AmbitError } from '../kernel/errors.ts';
import type { LockedMesh } from '../mesh/lock.ts';

/** Waypoints are of ambient. @throws AmbitError unprocessable */
export function requireAmbient({ name, profile }: Pick<LockedMesh, 'name' | 'profile'>): void {
  if (profile === 'ambient') return;
  throw new AmbitError(
    'unprocessable',
    `${name} is a mesh of sidecars: waypoints are part of ambient`,
    { fix: 'make a mesh with the profile ambient' },
  );
}
