import type { Listed } from '../../kube/watch.ts';

/** Where Ambit puts control planes, and where others usually do. */
const usual = 'istio-system';

type Pod = Pick<Listed, 'metadata'>;

/** Namespaces with a control plane, as its pods come and go. */
export interface IstiodPlaces {
  list(pods: readonly Pod[]): void;
  put(pod: Pod): void;
  remove(pod: Pod): void;
  all(): string[];
}

/**
 * Follows where istiod runs. Until one was seen, and while none runs (a restart, one that was scaled down), it is where
 * it was last.
 */
export function makeIstiodPlaces(changed: () => void): IstiodPlaces {
  const byPod = new Map<string, string>();
  let places = [usual];
  const keyOf = ({ metadata }: Pod) => `${metadata.namespace}/${metadata.name}`;
  const note = (pod: Pod) => {
    const { namespace = '', labels } = pod.metadata;
    if (labels?.['app'] === 'istiod' && namespace !== '') byPod.set(keyOf(pod), namespace);
  };
  const settle = () => {
    const now = [...new Set(byPod.values())].sort();
    if (now.length === 0 || now.join() === places.join()) return;
    places = now;
    changed();
  };
  return {
    list: (pods) => {
      byPod.clear();
      pods.forEach(note);
      settle();
    },
    put: (pod) => {
      note(pod);
      settle();
    },
    remove: (pod) => {
      if (byPod.delete(keyOf(pod))) settle();
    },
    all: () => places,
  };
}
