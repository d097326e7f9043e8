import type { Implementation } from '../kernel/implement.ts';
import { getTopology } from './get.ts';
import { getSignals } from './signals.ts';

export const topologyImplementations: Implementation[] = [getTopology, getSignals];
