import { itself, nothing, splitKey, type Controller } from '../client/controller.ts';
import { manager } from './common.ts';

/** Gives every namespace the ServiceAccount `default` and the cluster's root certificate. */
export const namespaceController: Controller = {
  name: 'namespace',
  manager,
  triggers: {
    namespaces: itself,
    serviceaccounts: ({ metadata }) =>
      metadata.name === 'default' ? [`/${metadata.namespace}`] : [],
    configmaps: ({ metadata }) =>
      metadata.name === 'kube-root-ca.crt' ? [`/${metadata.namespace}`] : [],
  },
  decide: (key, view) => {
    const [, name] = splitKey(key);
    const namespace = view.get('namespaces', '', name);
    if (namespace === undefined || namespace.metadata.deletionTimestamp) return nothing;
    const account = view.get('serviceaccounts', name, 'default');
    const root = view.get('configmaps', name, 'kube-root-ca.crt');
    return {
      actions: [
        ...(account
          ? []
          : [
              {
                do: 'create' as const,
                object: {
                  apiVersion: 'v1',
                  kind: 'ServiceAccount',
                  metadata: { name: 'default', namespace: name },
                },
              },
            ]),
        ...(root
          ? []
          : [
              {
                do: 'create' as const,
                object: {
                  apiVersion: 'v1',
                  kind: 'ConfigMap',
                  metadata: {
                    name: 'kube-root-ca.crt',
                    namespace: name,
                    annotations: {
                      'kubernetes.io/description':
                        'Simulated: the sandbox serves plain HTTP on the loopback device and has no certificate.',
                    },
                  },
                  data: { 'ca.crt': '' },
                },
              },
            ]),
      ],
    };
  },
};
