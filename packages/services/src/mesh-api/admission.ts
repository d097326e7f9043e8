import { findKind } from '@ambit/istio/kinds';
import { validate, type Options } from '@ambit/istio/validation/validate';
import { isManagedByOptions } from '@ambit/istio/values';
import type { Admission } from '@ambit/kube-api/admission';
import { forbidden, invalid } from '@ambit/kube-api/status';

/** What Istio's own webhook would refuse is refused, with the field; what it warns about is a Warning header. */
export const istioAdmission: Admission = {
  name: 'istio',
  validate({ object, operation, subresource, version, name, namespace, warn }) {
    if (operation === 'DELETE' || subresource !== '' || object === undefined) return;
    const { group, kind } = version.resource;
    if (findKind(group, kind) === undefined) return;
    if (isManagedByOptions({ kind, name, namespace })) {
      throw forbidden(
        version.resource,
        name,
        "it is managed by the mesh's option mtls; set that, or take another name",
      );
    }
    const options: Options = { defaultNamespace: namespace };
    const { errors, warnings } = validate({ ...object, apiVersion: version.apiVersion }, options);
    for (const { path, message } of warnings) warn(path === '' ? message : `${path}: ${message}`);
    if (errors.length === 0) return;
    throw invalid(
      version.resource,
      name,
      errors.map(({ path, message }) => ({
        reason: 'FieldValueInvalid',
        field: path,
        message: `Invalid value: ${message}`,
      })),
    );
  },
};
