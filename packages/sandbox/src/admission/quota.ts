import type { Admission } from '@ambit/kube-api/admission';
import { ApiError } from '@ambit/kube-api/status';
import type { View } from '../client/cache.ts';
import type { Pod } from '../objects.ts';

/** A pod that ends counts until it is gone (kubernetes.io, "Resource Quotas"). */
const counts = ({ status }: Pod): boolean =>
  status?.phase !== 'Succeeded' && status?.phase !== 'Failed';

/**
 * Refuses pods over the number that a ResourceQuota of their namespace allows (`hard.pods`), with the words of
 * Kubernetes. It counts nothing else, and writes no status of quotas.
 */
export const podQuota = (view: () => View): Admission => ({
  name: 'pod-quota',
  validate: ({ operation, version, namespace, name, subresource }) => {
    if (version.resource.id !== 'pods' || operation !== 'CREATE' || subresource !== '') return;
    const seen = view();
    for (const quota of seen.list('resourcequotas', namespace)) {
      const most = Number(quota.spec?.hard?.['pods'] ?? Infinity);
      const used = seen.list('pods', namespace).filter(counts).length;
      if (used < most) continue;
      throw new ApiError(
        403,
        'Forbidden',
        `pods "${name}" is forbidden: exceeded quota: ${quota.metadata.name}, requested: pods=1, used: pods=${used}, limited: pods=${most}`,
      );
    }
  },
});
