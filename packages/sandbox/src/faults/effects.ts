import type { Manager } from '../client/manager.ts';
import { keyOf } from '../client/controller.ts';
import { isCni } from '../istio/ambient.ts';
import type { Kubelet } from '../kubelet/kubelet.ts';
import type { FaultEffects } from './faults.ts';
import { ingressRefusal, type Ingress } from './ingress.ts';
import type { Link } from './link.ts';

/** Carries faults out in a running sandbox. */
export function faultEffects(given: {
  manager: Manager;
  kubelet: Kubelet;
  link?: Link;
  ingress: Ingress;
}): FaultEffects {
  const { manager, kubelet, link, ingress } = given;
  const { cache } = manager;
  return {
    crashPod: (target) => {
      if (!kubelet.crash(target, cache)) {
        return `there is no running pod ${target}; name one as namespace/pod`;
      }
      manager.wake('kubelet', target);
      return null;
    },
    nodeChanged: (name) => {
      if (cache.get('nodes', '', name) === undefined) {
        const names = cache.list('nodes').map(({ metadata }) => metadata.name);
        return `there is no node ${name}; there are ${names.join(', ')}`;
      }
      manager.wake('node-heartbeat', `/${name}`);
      for (const pod of cache.list('pods')) {
        if (pod.spec.nodeName === name) manager.wake('kubelet', keyOf(pod));
      }
      return null;
    },
    linkDropped: (isDropped) => {
      if (link === undefined) return 'this sandbox does not carry the link of its agent';
      link.setDropped(isDropped);
      return null;
    },
    workloadExists: (target) => {
      const [namespace = '', name = ''] = target.split('/');
      if (cache.get('serviceaccounts', namespace, name) !== undefined) return null;
      return `there is no service account ${target}; name one as namespace/name`;
    },
    podMissed: (target) => {
      const [namespace = '', name = ''] = target.split('/');
      if (cache.get('pods', namespace, name) === undefined) {
        return `there is no pod ${target}; name one as namespace/pod`;
      }
      manager.wake('ambient', target);
      return null;
    },
    cniStopped: (node) => {
      const cni = cache.list('pods').find((pod) => pod.spec.nodeName === node && isCni(pod));
      if (cni === undefined)
        return `there is no istio-cni on a node ${node}; ambient meshes have it`;
      manager.wake('kubelet', keyOf(cni));
      return null;
    },
    ingressCertificate: (state) => {
      const refusal = state === null ? null : ingressRefusal(cache);
      if (refusal === null) ingress.set(state);
      return refusal;
    },
    serviceExists: (target) => {
      const [namespace = '', name = ''] = target.split('/');
      if (cache.get('services', namespace, name) !== undefined) return null;
      return `there is no service ${target}; name one as namespace/name`;
    },
  };
}
