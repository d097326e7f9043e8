import type { Database } from '@ambit/db/database';
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

/** Where a sealed target lies, so that it cannot be moved to another route. */
export const targetPlace = (routeId: string): string => `alert-route/${routeId}`;
