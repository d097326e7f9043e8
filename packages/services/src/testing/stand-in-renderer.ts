import type { KubeObject } from '@ambit/contracts/common';
import { controlPlaneBundle } from '@ambit/istio/bundle/split';
import { extraObjects } from '@ambit/istio/values';
import { packBundle, type Renderer } from '../release/renderer.ts';

/** A renderer for tests that stands in for istioctl: a handful of objects that name the release and the profile. */
export function standInRenderer(): Renderer & { renders: number } {
  const renderer = {
    renders: 0,
    render: async (input: Parameters<Renderer['render']>[0]) => {
      renderer.renders++;
      const { version } = input.release;
      const rendered: KubeObject[] = [
        {
          apiVersion: 'apiextensions.k8s.io/v1',
          kind: 'CustomResourceDefinition',
          metadata: { name: 'virtualservices.networking.istio.io' },
        },
        {
          apiVersion: 'v1',
          kind: 'ConfigMap',
          metadata: { name: 'istio', namespace: 'istio-system' },
          data: { version, profile: input.profile, options: JSON.stringify(input.options) },
        },
        {
          apiVersion: 'apps/v1',
          kind: 'Deployment',
          metadata: { name: 'istiod', namespace: 'istio-system' },
          spec: { template: { metadata: { labels: { version } } } },
        },
      ];
      return packBundle(
        controlPlaneBundle({
          meshId: input.meshId,
          rendered,
          gatewayApi: [],
          extras: extraObjects(input),
        }),
      );
    },
  };
  return renderer;
}
