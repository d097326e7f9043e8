import type { ResourceVersion } from './kinds/registry.ts';
import type { KubeObject, UserInfo } from './types.ts';

export interface AdmissionRequest {
  operation: 'CREATE' | 'UPDATE' | 'DELETE';
  user: UserInfo;
  version: ResourceVersion;
  namespace: string;
  name: string;
  subresource: string;
  /** As it will be stored; a `mutate` may change it. Absent for DELETE. */
  object?: KubeObject;
  /** As it is stored. Absent for CREATE. */
  old?: KubeObject;
  dryRun: boolean;
  /** Adds a Warning header to the answer. */
  warn: (message: string) => void;
}

/**
 * One link of the admission chain. All `mutate` run in order before the schema is checked, all
 * `validate` after it. A refusal is a thrown ApiError.
 */
export interface Admission {
  name: string;
  mutate?: (request: AdmissionRequest) => void | Promise<void>;
  validate?: (request: AdmissionRequest) => void | Promise<void>;
}
