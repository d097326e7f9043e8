import { cachePaths } from '@ambit/lab/paths';
import { run as runKubeApi } from '../../../packages/kube-api/bench/run.ts';
import type { Figure } from './figure.ts';

/** Measures packages/kube-api beside the kube-apiserver and etcd that the lab built, when it did. */
export const run = (say: (line: string) => void): Promise<Figure[]> =>
  runKubeApi({ say, binFolder: cachePaths().bin });
