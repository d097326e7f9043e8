import type { Kind } from './kind.ts';
import { accessKinds, crdKind } from './native/access.ts';
import { appKinds } from './native/apps.ts';
import { coreKinds, policyCoreKinds } from './native/core.ts';
import { shallowKinds } from './native/shallow.ts';

/** The kinds of a whole cluster, as far as a mesh's world needs them. */
export const clusterKinds: Kind[] = [...coreKinds, ...appKinds, ...accessKinds, ...shallowKinds];

/** Beside a mesh's policies: Namespace, ConfigMap, Secret and CustomResourceDefinition. */
export const policyKinds: Kind[] = [...policyCoreKinds, crdKind];
