import { componentKey } from '../build/components.ts';
import { imageHub, istioStamps } from '../versions.ts';
import type { IstioStamp } from '../versions.ts';
import { sidecarFilter, waypointFilter } from './vanilla-envoy.ts';

type Values = Record<string, unknown>;

/** A named deviation from Istio's release; the shape is `releasePatchSchema` of @ambit/contracts. */
export type ReleasePatch = {
  name: string;
  reason: string;
  /** Helm values, nested. */
  values?: Values;
  profiles?: ('sidecar' | 'ambient')[];
  components?: Record<string, boolean>;
  objects?: object[];
};

/** An installable version; the shape is `releaseSchema` of @ambit/contracts. */
export type Release = {
  version: string;
  channel: string;
  kubernetes: { min: string; max: string };
  endOfLife: string;
  source: { istioctl: string };
  /** Helm values, nested. */
  values: Values;
  patches: ReleasePatch[];
};

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

const smallRequests: ReleasePatch = {
  name: 'small-requests',
  reason:
    'A lab is one small node: the default requests (2 GiB for istiod alone) would not fit twice in an upgrade.',
  values: {
    pilot: { resources: { requests: { cpu: '50m', memory: '128Mi' } } },
    global: { proxy: { resources: { requests: { cpu: '10m', memory: '64Mi' } } } },
    cni: { resources: { requests: { cpu: '10m', memory: '32Mi' } } },
  },
};

const noZtunnel: ReleasePatch = {
  name: 'no-ztunnel',
  reason:
    'No ztunnel binary was given to this lab (AMBIT_LAB_ZTUNNEL) and none is in the registries, ' +
    'so its DaemonSet is left out: it could never become ready.',
  profiles: ['ambient'],
  components: { ztunnel: false },
};

const controlPlaneWithoutImage = (version: string): ReleasePatch => ({
  name: 'control-plane-never-starts',
  reason:
    'Broken on purpose: no control plane image of this tag exists, so that a rollback can be seen.',
  values: { pilot: { tag: version } },
});

const imageValues = (tag: string): Values => ({
  global: { hub: imageHub, tag, variant: '', imagePullPolicy: 'Never' },
  pilot: { variant: '' },
  cni: { variant: '' },
  ztunnel: { variant: '' },
});

/** The lab's releases: two that work, and one that never becomes ready. */
export function labReleases(binFolder: string, withZtunnel: boolean): Release[] {
  const patches = [...vanillaEnvoyPatches, smallRequests, ...(withZtunnel ? [] : [noZtunnel])];
  const release = (stamp: IstioStamp): Release => ({
    version: stamp,
    channel: 'lab',
    kubernetes: { min: '1.32', max: '1.35' },
    endOfLife: '2027-12-31',
    source: {
      istioctl: `${binFolder}/${componentKey({ name: 'istio', version: stamp })}/istioctl`,
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
