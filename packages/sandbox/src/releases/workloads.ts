import type { KubeObject } from '@ambit/contracts/common';
import { maker, type Labels } from './objects.ts';
import type { ReleaseSettings } from './settings.ts';

const revisionLabels: Labels = { 'istio.io/rev': 'default' };

/** istiod with its configuration; in ambient also istio-cni and ztunnel. */
export function workloadObjects(settings: ReleaseSettings): KubeObject[] {
  const { cni, ztunnel } = settings.components;
  return [
    ...configuration(settings),
    ...istiod(settings),
    ...(cni ? nodeAgent(settings, 'istio-cni-node', 'install-cni', cniLabels, 'istio-cni') : []),
    ...(ztunnel ? nodeAgent(settings, 'ztunnel', 'ztunnel', { app: 'ztunnel' }, 'ztunnel') : []),
  ];
}

function configuration(settings: ReleaseSettings): KubeObject[] {
  const { version, hub, tag, proxyResources, meshConfig, components } = settings;
  const { inSystem } = maker(version);
  const map = (name: string, data: Labels) =>
    inSystem('v1', 'ConfigMap', name, { data }, revisionLabels);
  const values = { global: { hub, tag, proxy: { image: 'proxyv2', resources: proxyResources } } };
  const note =
    'Simulated by the Ambit sandbox: the sandbox injects pods itself and reads only the values.';
  return [
    map('istio', { mesh: JSON.stringify(meshConfig, null, 2), meshNetworks: 'networks: {}' }),
    map('istio-sidecar-injector', {
      config: JSON.stringify({ policy: 'enabled', templates: {}, note }, null, 2),
      values: JSON.stringify(values, null, 2),
    }),
    map('values', { 'merged-values': JSON.stringify(values, null, 2) }),
    ...(components.cni
      ? [
          map('istio-cni-config', {
            AMBIENT_ENABLED: 'true',
            AMBIENT_DNS_CAPTURE: String(settings.cni.dnsCapture),
          }),
        ]
      : []),
  ];
}

function istiod(settings: ReleaseSettings): KubeObject[] {
  const { version, hub, tag, minReplicas, maxReplicas, istiodResources } = settings;
  const { inSystem } = maker(version);
  const selector = { app: 'istiod', 'istio.io/rev': 'default' };
  const labels = { ...selector, istio: 'pilot' };
  return [
    inSystem(
      'apps/v1',
      'Deployment',
      'istiod',
      {
        spec: {
          selector: { matchLabels: selector },
          strategy: {
            type: 'RollingUpdate',
            rollingUpdate: { maxSurge: '100%', maxUnavailable: '25%' },
          },
          template: {
            metadata: { labels: { ...labels, 'sidecar.istio.io/inject': 'false' } },
            spec: {
              serviceAccountName: 'istiod',
              containers: [
                {
                  name: 'discovery',
                  image: `${hub}/pilot:${tag}`,
                  args: ['discovery'],
                  ports: [8080, 15010, 15012, 15017].map((containerPort) => ({ containerPort })),
                  readinessProbe: {
                    httpGet: { path: '/ready', port: 8080 },
                    initialDelaySeconds: 1,
                    periodSeconds: 3,
                  },
                  resources: istiodResources,
                },
              ],
            },
          },
        },
      },
      labels,
    ),
    inSystem(
      'v1',
      'Service',
      'istiod',
      {
        spec: {
          selector: { app: 'istiod' },
          ports: [
            { name: 'grpc-xds', port: 15010 },
            { name: 'https-dns', port: 15012 },
            { name: 'https-webhook', port: 443, targetPort: 15017 },
            { name: 'http-monitoring', port: 15014 },
          ],
        },
      },
      labels,
    ),
    inSystem(
      'autoscaling/v2',
      'HorizontalPodAutoscaler',
      'istiod',
      {
        spec: {
          minReplicas,
          maxReplicas,
          scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'istiod' },
        },
      },
      labels,
    ),
  ];
}

const cniLabels: Labels = { 'k8s-app': 'istio-cni-node' };

function nodeAgent(
  { version, hub, tag, ztunnel, cni }: ReleaseSettings,
  name: string,
  image: string,
  selector: Labels,
  account: string,
): KubeObject[] {
  const isZtunnel = name === 'ztunnel';
  return [
    maker(version).inSystem('apps/v1', 'DaemonSet', name, {
      spec: {
        selector: { matchLabels: selector },
        updateStrategy: {
          type: 'RollingUpdate',
          rollingUpdate: isZtunnel ? { maxSurge: 1, maxUnavailable: 0 } : { maxUnavailable: 1 },
        },
        template: {
          metadata: {
            labels: {
              ...selector,
              'sidecar.istio.io/inject': 'false',
              'istio.io/dataplane-mode': 'none',
            },
          },
          spec: {
            serviceAccountName: account,
            terminationGracePeriodSeconds: isZtunnel ? ztunnel.drainS : 5,
            nodeSelector: { 'kubernetes.io/os': 'linux' },
            tolerations: [
              { effect: 'NoSchedule', operator: 'Exists' },
              { effect: 'NoExecute', operator: 'Exists' },
            ],
            containers: [
              {
                name: isZtunnel ? 'istio-proxy' : 'install-cni',
                image: `${hub}/${image}:${tag}`,
                resources: isZtunnel ? ztunnel.resources : cni.resources,
                ...(isZtunnel
                  ? {
                      args: ['proxy', 'ztunnel'],
                      env: [{ name: 'RUST_LOG', value: ztunnel.logLevel }],
                    }
                  : {}),
              },
            ],
          },
        },
      },
    }),
  ];
}
