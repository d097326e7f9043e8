import type { KubeObject } from '@ambit/contracts/common';
import { prometheusImage } from '../images/prometheus.ts';
import { accountOf, namespaceOf } from './workloads.ts';

const name = 'prometheus';
const port = 9090;

/** Where its namespace's Service is, for whoever is in the cluster. */
export const prometheusAddress = (namespace: string): string =>
  `http://${name}.${namespace}.svc:${port}`;

const pod = (of: string): string => `__meta_kubernetes_pod_${of}`;
const annotated = (of: string): string => pod(`annotation_prometheus_io_${of}`);

/** Finds proxies by the annotations Istio gives them, and says whose each is (istio.io, "Prometheus": option 1). */
const configuration = (scrapeS: number): object => ({
  global: { scrape_interval: `${scrapeS}s`, scrape_timeout: `${scrapeS}s` },
  scrape_configs: [
    {
      job_name: 'kubernetes-pods',
      kubernetes_sd_configs: [{ role: 'pod' }],
      relabel_configs: [
        { action: 'keep', source_labels: [annotated('scrape')], regex: 'true' },
        { action: 'drop', source_labels: [pod('phase')], regex: 'Pending|Succeeded|Failed' },
        { source_labels: [annotated('path')], regex: '(.+)', target_label: '__metrics_path__' },
        {
          source_labels: [annotated('port'), pod('ip')],
          regex: '(\\d+);([0-9.]+)',
          replacement: '$2:$1',
          target_label: '__address__',
        },
        { source_labels: ['__meta_kubernetes_namespace'], target_label: 'namespace' },
        { source_labels: [pod('name')], target_label: 'pod' },
      ],
    },
  ],
});

/** A Prometheus that scrapes every proxy of the cluster, in a namespace of its own. */
export function prometheusObjects(namespace: string, scrapeS: number): KubeObject[] {
  const metadata = { name, namespace };
  const whole = { name: `${name}-${namespace}` };
  const rbac = 'rbac.authorization.k8s.io';
  return [
    namespaceOf(namespace),
    accountOf(namespace, name),
    {
      apiVersion: `${rbac}/v1`,
      kind: 'ClusterRole',
      metadata: whole,
      rules: [{ apiGroups: [''], resources: ['pods'], verbs: ['get', 'list', 'watch'] }],
    },
    {
      apiVersion: `${rbac}/v1`,
      kind: 'ClusterRoleBinding',
      metadata: whole,
      roleRef: { apiGroup: rbac, kind: 'ClusterRole', ...whole },
      subjects: [{ kind: 'ServiceAccount', ...metadata }],
    },
    {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata,
      data: { 'prometheus.yml': JSON.stringify(configuration(scrapeS)) },
    },
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata,
      spec: { selector: { app: name }, ports: [{ name: 'http', port }] },
    },
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata,
      spec: {
        selector: { matchLabels: { app: name } },
        template: {
          metadata: { labels: { app: name } },
          spec: {
            serviceAccountName: name,
            containers: [
              {
                name,
                image: prometheusImage,
                imagePullPolicy: 'Never',
                args: ['--config.file=/etc/prometheus/prometheus.yml', '--storage.tsdb.path=/data'],
                ports: [{ containerPort: port }],
                readinessProbe: { httpGet: { path: '/-/ready', port }, periodSeconds: 1 },
                volumeMounts: [
                  { name: 'configuration', mountPath: '/etc/prometheus' },
                  { name: 'data', mountPath: '/data' },
                ],
              },
            ],
            volumes: [
              { name: 'configuration', configMap: { name } },
              { name: 'data', emptyDir: {} },
            ],
          },
        },
      },
    },
  ];
}
