import { labelSelectorTakes, type Labels, type LabelSelector } from './label-selector.ts';

/** The part of a Gateway's listener that says whose routes and Services may attach to it. */
export interface AllowingListener {
  allowedRoutes?: { namespaces?: { from?: string; selector?: LabelSelector } };
}

/**
 * Whether a listener lets another namespace attach (Gateway API, `allowedRoutes`). `Selector` without a selector takes
 * none, as in istiod.
 * @param labels of that namespace; undefined where they are not known: then any selector is taken to hold
 */
export const admitsNamespace = (
  listeners: readonly AllowingListener[] | undefined,
  labels: Labels | undefined,
): boolean =>
  (listeners ?? []).some(({ allowedRoutes }) => {
    const { from = 'Same', selector } = allowedRoutes?.namespaces ?? {};
    if (from !== 'Selector') return from === 'All';
    return selector !== undefined && (!labels || labelSelectorTakes(selector, labels));
  });
