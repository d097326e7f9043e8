import type { Implementation } from '../kernel/implement.ts';
import { getWaypoint, listWaypoints } from './list.ts';
import { previewWaypoint } from './preview.ts';
import { getReclaim, setReclaim } from './reclaim.ts';
import { releaseWaypoint } from './release.ts';
import { getWaypointSignals } from './signals.ts';
import { takeUpWaypoint } from './take-up.ts';
import { wakeWaypoint } from './wake.ts';
import { createWaypoint, deleteWaypoint, updateWaypoint } from './write.ts';

export const waypointImplementations: Implementation[] = [
  listWaypoints,
  getWaypoint,
  getWaypointSignals,
  createWaypoint,
  updateWaypoint,
  deleteWaypoint,
  releaseWaypoint,
  previewWaypoint,
  takeUpWaypoint,
  wakeWaypoint,
  getReclaim,
  setReclaim,
];
