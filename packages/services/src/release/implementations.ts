import type { Implementation } from '../kernel/implement.ts';
import { listReleases } from './list.ts';

export const releaseImplementations: Implementation[] = [listReleases];
