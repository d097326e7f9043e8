import type { Implementation } from '../kernel/implement.ts';
import { getSandbox } from './get.ts';
import { injectFault } from './inject.ts';

export const sandboxImplementations: Implementation[] = [getSandbox, injectFault];
