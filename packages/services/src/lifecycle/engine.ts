import type { Release } from '@ambit/contracts/release';
import type { Database } from '@ambit/db/database';
import type { Renderer } from '../release/renderer.ts';

/** What the engine works with. `at` is a race point: tests break off there as a killed process would. */
export interface Engine {
  db: Database;
  releases: readonly Release[];
  renderer: Renderer;
  now(): Date;
  log?(text: string, error: unknown): void;
  at?(point: RacePoint): Promise<void> | void;
}

export type RacePoint = 'locked' | 'decided' | 'performed' | 'committed' | 'rendering' | 'rendered';
