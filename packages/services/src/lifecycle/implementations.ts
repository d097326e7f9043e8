import type { Implementation } from '../kernel/implement.ts';

export const lifecycleImplementations: Implementation[] = [];
