import type { Implementation } from '../kernel/implement.ts';
import { getTrace, listTraces, listTraceServices } from './verbs.ts';

export const traceImplementations: Implementation[] = [listTraces, getTrace, listTraceServices];
