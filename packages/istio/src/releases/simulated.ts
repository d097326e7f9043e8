import type { Release } from '@ambit/contracts/release';

/** True for the Kubernetes version a sandbox tells (packages/sandbox). */
export const isSandboxKubernetes = (version: string): boolean => version.endsWith('+ambit-sandbox');

/** A release that only a sandbox brings to life. */
export const isSimulated = (release: Pick<Release, 'source'>): boolean =>
  'sandbox' in release.source;
