import type { View } from '../client/cache.ts';
import type { Container, Deployment, Pod } from '../objects.ts';
import { parseImage } from '../kubelet/images.ts';

export const revisionLabel = 'istio.io/rev';

/** One istiod of the cluster. */
export interface ControlPlane {
  namespace: string;
  name: string;
  revision: string;
  /** One of its pods is Ready: only then it does anything. */
  ready: boolean;
}

export const isIstiod = ({ metadata }: Pick<Deployment, 'metadata'>): boolean =>
  metadata.labels?.app === 'istiod';

export const controlPlanes = (view: View): ControlPlane[] =>
  view
    .list('deployments.apps')
    .filter((one) => isIstiod(one) && !one.metadata.deletionTimestamp)
    .map(({ metadata, status }) => ({
      namespace: metadata.namespace ?? '',
      name: metadata.name,
      revision: metadata.labels?.[revisionLabel] ?? 'default',
      ready: (status?.readyReplicas ?? 0) > 0,
    }));

export const hasReadyControlPlane = (view: View, revision?: string): boolean =>
  controlPlanes(view).some(
    (plane) => plane.ready && (revision === undefined || plane.revision === revision),
  );

/** A proxy is ready once istiod has answered it; everything else needs no one. */
export function proxyMayBeReady(pod: Pod, container: Container, view: View): boolean {
  if (container.name !== 'istio-proxy') return true;
  return hasReadyControlPlane(view, pod.metadata.annotations?.[revisionLabel]);
}

/** What the injector of a revision puts into pods. */
export interface ProxySettings {
  image: string;
  resources?: object;
}

/**
 * Reads hub, tag and image of the proxy from the values beside the injector's templates, as Istio's release writes
 * them; the image of istiod tells hub and tag when there are none.
 */
export function proxySettings(view: View, plane: ControlPlane): ProxySettings {
  const suffix = plane.revision === 'default' ? '' : `-${plane.revision}`;
  const map = view.get('configmaps', plane.namespace, `istio-sidecar-injector${suffix}`);
  const values = parseValues(map?.data?.values);
  const istiod = view.get('deployments.apps', plane.namespace, plane.name);
  const image = istiod?.spec.template.spec.containers[0]?.image ?? 'pilot:unknown';
  const { name, tag } = parseImage(image);
  const hub = values.hub ?? name.slice(0, Math.max(0, name.lastIndexOf('/')));
  const proxy = values.image ?? 'proxyv2';
  return {
    image: proxy.includes('/') ? proxy : `${hub}/${proxy}:${values.tag ?? tag}`,
    ...(values.resources === undefined ? {} : { resources: values.resources }),
  };
}

interface Values {
  hub?: string;
  tag?: string;
  image?: string;
  resources?: object;
}

function parseValues(text: string | undefined): Values {
  try {
    const { global } = JSON.parse(text ?? '{}') as {
      global?: {
        hub?: string;
        tag?: string | number;
        proxy?: { image?: string; resources?: object };
      };
    };
    return {
      hub: global?.hub,
      tag: global?.tag === undefined ? undefined : String(global.tag),
      image: global?.proxy?.image,
      resources: global?.proxy?.resources,
    };
  } catch {
    return {};
  }
}
