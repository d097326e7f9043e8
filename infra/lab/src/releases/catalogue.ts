import { join } from 'node:path';
import type { Release } from '@ambit/contracts/release';
import { componentKey, ztunnelStandIn } from '../build/components.ts';
import { gatewayApiVersion, imageHub, istioStamps } from '../versions.ts';
import type { IstioStamp } from '../versions.ts';
import { sidecarFilter, waypointFilter } from './vanilla-envoy.ts';

type ReleasePatch = Release['patches'][number];

/** Requests by code, their time, and bytes, of the clusters that stand for services (a whole match, RE2). */
const clusterStats =
  'cluster[.](outbound|inbound-vip)[|].*[.]upstream_(rq_([0-9][0-9][0-9]|time)|cx_[rt]x_bytes_total)';

/** The lab's Envoy is the one of PyPI, built without Istio's own extensions. */
const vanillaEnvoyPatches: ReleasePatch[] = [
  {
    name: 'no-metadata-exchange',
    reason:
      "The lab's Envoy lacks Istio's metadata exchange filters, and would reject every listener with them.",
    values: { pilot: { env: { PILOT_ENABLE_METADATA_EXCHANGE: 'false' } } },
  },
  {
    name: 'no-alpn-filter',
    reason: "The lab's Envoy lacks Istio's ALPN filter, and would reject every listener with it.",
    values: { pilot: { env: { PILOT_ENABLE_ALPN_FILTER: 'false' } } },
  },
  {
    name: 'no-istio-stats',
    reason:
      "The lab's Envoy lacks Istio's stats filter: istio_requests_total does not exist, Envoy's own metrics do.",
    values: { meshConfig: { defaultProviders: { metrics: [] } } },
  },
  {
    name: 'envoy-cluster-stats',
    reason:
      "Istio's bootstrap lets Envoy keep no counters of the services it calls; without Istio's own, these tell of traffic.",
    values: {
      meshConfig: { defaultConfig: { proxyStatsMatcher: { inclusionRegexps: [clusterStats] } } },
    },
  },
  {
    name: 'vanilla-envoy-waypoints',
    reason:
      "Waypoints always carry two of Istio's own filters; they are removed, and filter state uses Envoy's types.",
    profiles: ['ambient'],
    objects: [waypointFilter],
  },
  {
    name: 'vanilla-envoy-sidecars',
    reason:
      "Sidecars that speak HBONE carry the same filters of Istio's own; they are mended as in waypoints.",
    profiles: ['ambient'],
    objects: [sidecarFilter],
  },
];

/** Istiod and sidecars are left to the mesh's options; these two have none. */
const smallNodeAgents: ReleasePatch = {
  name: 'small-node-agents',
  reason:
    'A lab is one small node: the default requests of istio-cni and ztunnel would take a good part of it.',
  values: {
    cni: { resources: { requests: { cpu: '10m', memory: '32Mi' } } },
    ztunnel: { resources: { requests: { cpu: '10m', memory: '32Mi' } } },
  },
};

const standIn: ReleasePatch = {
  name: 'ztunnel-stand-in',
  reason:
    'No ztunnel binary was given to this lab (AMBIT_LAB_ZTUNNEL) and none is in the registries, ' +
    "so its DaemonSet runs the lab's own stand-in.",
  profiles: ['ambient'],
  values: { ztunnel: { image: ztunnelStandIn.name } },
};

const controlPlaneWithoutImage = (version: string): ReleasePatch => ({
  name: 'control-plane-never-starts',
  reason:
    'Broken on purpose: no control plane image of this tag exists, so that a rollback can be seen.',
  values: { pilot: { tag: version } },
});

const imageValues = (tag: string): Release['values'] => ({
  global: { hub: imageHub, tag, variant: '', imagePullPolicy: 'Never' },
  pilot: { variant: '' },
  cni: { variant: '' },
  ztunnel: { variant: '' },
});

/** The lab's releases: two that work, and one that never becomes ready. */
export function labReleases(binFolder: string, withZtunnel: boolean): Release[] {
  const patches = [...vanillaEnvoyPatches, smallNodeAgents, ...(withZtunnel ? [] : [standIn])];
  const release = (stamp: IstioStamp): Release => ({
    version: stamp,
    channel: 'stable',
    kubernetes: { min: '1.32', max: '1.35' },
    endOfLife: '2027-12-31',
    source: {
      istioctl: join(binFolder, componentKey({ name: 'istio', version: stamp }), 'istioctl'),
    },
    gatewayApi: {
      version: gatewayApiVersion,
      path: join(
        binFolder,
        componentKey({ name: 'gateway-api', version: gatewayApiVersion }),
        'standard.yaml',
      ),
    },
    values: imageValues(stamp),
    patches,
  });
  const [, newest] = istioStamps;
  const broken = '1.32.1-lab-broken';
  return [
    ...istioStamps.map(release),
    {
      ...release(newest),
      version: broken,
      channel: 'broken-on-purpose',
      patches: [...patches, controlPlaneWithoutImage(broken)],
    },
  ];
}
