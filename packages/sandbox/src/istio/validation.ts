import type { Admission } from '@ambit/kube-api/admission';
import { ApiError } from '@ambit/kube-api/status';
import type { View } from '../client/cache.ts';
import { matches } from '../controllers/selectors.ts';
import type { Webhook } from '../objects.ts';
import { hasReadyControlPlane } from './control-plane.ts';

/**
 * Checks Istio's objects as istiod's validation webhook does, where the configurations ask for it. While no istiod is
 * Ready, the webhook's failurePolicy decides.
 */
export function istioValidation(view: () => View): Admission {
  return {
    name: 'istio-validation',
    validate: async ({ operation, version, object, subresource, warn }) => {
      if (operation === 'DELETE' || subresource !== '' || object === undefined) return;
      const { group } = version.resource;
      if (!group.endsWith('.istio.io')) return;
      const seen = view();
      const webhook = validatorFor(seen, group, object.metadata.labels);
      if (webhook === undefined) return;
      if (!hasReadyControlPlane(seen)) {
        if (webhook.failurePolicy !== 'Fail') return;
        throw new ApiError(
          500,
          'InternalError',
          `Internal error occurred: failed calling webhook "${webhook.name}": no endpoints available for service "istiod" (simulated)`,
        );
      }
      // Its tables are large, and most sandboxes never see a policy written past the platform.
      const { validate } = await import('@ambit/istio/validation/validate');
      const { errors, warnings } = validate(object);
      for (const { path, message } of warnings) warn(`${path}: ${message}`);
      if (errors.length === 0) return;
      const words = errors.map(({ path, message }) => `${path}: ${message}`).join('; ');
      throw new ApiError(
        400,
        'BadRequest',
        `admission webhook "${webhook.name}" denied the request: configuration is invalid: ${words}`,
      );
    },
  };
}

interface Rule {
  apiGroups?: string[];
}

function validatorFor(
  view: View,
  group: string,
  labels: Record<string, string> | undefined,
): Webhook | undefined {
  return view
    .list('validatingwebhookconfigurations.admissionregistration.k8s.io')
    .filter(({ metadata }) => metadata.deletionTimestamp === undefined)
    .flatMap(({ webhooks = [] }) => webhooks)
    .find(
      ({ name, objectSelector, rules }) =>
        name.endsWith('validation.istio.io') &&
        matches(objectSelector ?? {}, labels) &&
        ((rules ?? []) as Rule[]).some(({ apiGroups = [] }) =>
          apiGroups.some((one) => one === '*' || one === group),
        ),
    );
}
