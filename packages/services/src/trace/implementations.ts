import type { Implementation } from '../kernel/implement.ts';
import { getTrace, listTraces } from './verbs.ts';

export const traceImplementations: Implementation[] = [listTraces, getTrace];
