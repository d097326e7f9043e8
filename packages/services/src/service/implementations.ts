import type { Implementation } from '../kernel/implement.ts';
import { listServices } from './list.ts';
import { meshMetricsOf } from './metrics.ts';
import { listVersions } from './versions.ts';

export const serviceImplementations: Implementation[] = [listServices, listVersions, meshMetricsOf];
