import type { Database } from '@ambit/db/database';
import { loadSeal, type Seal } from '../mesh-api/seal.ts';
import type { AddressGuard } from './send/addresses.ts';

/** What evaluating and delivering alerts needs. */
export interface AlertEngine {
  db: Database;
  now: () => Date;
  /** Address of the console, without a trailing slash. */
  publicUrl: string;
  guard: AddressGuard;
  /** How long a receiver may take, in milliseconds. */
  timeoutMs?: number;
}

const seals = new WeakMap<Database, Promise<Seal>>();

/** The seal of routes' secrets: the one of Secrets in the mesh APIs. */
export function sealOf(db: Database): Promise<Seal> {
  const known = seals.get(db) ?? loadSeal(db);
  seals.set(db, known);
  known.catch(() => seals.delete(db));
  return known;
}

/** Where a sealed target lies, so that it cannot be moved to another route. */
export const targetPlace = (routeId: string): string => `alert-route/${routeId}`;
