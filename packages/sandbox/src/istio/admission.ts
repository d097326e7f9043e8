import type { Admission } from '@ambit/kube-api/admission';
import { ApiError } from '@ambit/kube-api/status';
import type { View } from '../client/cache.ts';
import type { Pod } from '../objects.ts';
import { controlPlanes, proxySettings } from './control-plane.ts';
import { injected, injectorFor } from './inject.ts';

/**
 * Injects pods when they are created, as the webhook configurations say and as long as their istiod is Ready; else
 * the pod is refused or passes without a proxy, by the webhook's failurePolicy.
 */
export function injection(view: () => View): Admission {
  return {
    name: 'istio-injection',
    mutate: ({ operation, version, object, namespace, subresource }) => {
      if (version.resource.id !== 'pods' || operation !== 'CREATE' || subresource !== '') return;
      const pod = object as unknown as Pod;
      const seen = view();
      const labels = seen.get('namespaces', '', namespace)?.metadata.labels ?? {};
      const configurations = seen.list(
        'mutatingwebhookconfigurations.admissionregistration.k8s.io',
      );
      const injector = injectorFor(pod, labels, configurations);
      if (injector === undefined) return;
      const { webhook, revision } = injector;
      const plane = controlPlanes(seen).find((one) => one.revision === revision && one.ready);
      if (plane === undefined) {
        if (webhook.failurePolicy === 'Ignore') return;
        const { name = 'istiod', namespace: where = 'istio-system' } =
          webhook.clientConfig.service ?? {};
        throw new ApiError(
          500,
          'InternalError',
          `Internal error occurred: failed calling webhook "${webhook.name}": no endpoints available for service "${where}/${name}" (simulated)`,
        );
      }
      Object.assign(pod, injected(pod, proxySettings(seen, plane), revision));
    },
  };
}
