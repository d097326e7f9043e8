import type { Implementation } from '../kernel/implement.ts';
import { listCertificates } from './list.ts';

export const certificateImplementations: Implementation[] = [listCertificates];
