/** What a lab is made of. A changed line here is built beside the old one, never over it. */

export const kubernetesVersion = '1.34.4';
export const etcdVersion = '3.6.4';
export const helmVersion = '4.2.0';
export const coreDnsVersion = '1.15.0';
export const envoyVersion = '1.40.0';
export const gatewayApiVersion = '1.6.0';
/** The module counts Prometheus 3.x as 0.3xx. */
export const prometheusVersion = '0.311.3';

/** The one Istio version that module mirrors commonly serve: the 1.31 line of its main branch. */
export const istioModuleVersion = 'v0.0.0-20260827124520-eed52ebb66ad';

/** Version stamps linked into the same source, so that an upgrade from one to the next is real. */
export const istioStamps = ['1.31.0-lab', '1.32.0-lab'] as const;
export type IstioStamp = (typeof istioStamps)[number];

/** Raised when the way images are put together changes, so that old ones are not taken for new. */
export const imageRecipe = 1;

export const minimumGoVersion = '1.25';

/** Addresses inside a lab's own network namespace; every lab has the same ones. */
export const network = {
  nodeAddress: '10.200.0.1',
  apiPort: 6443,
  platformPort: 4600,
  uplinkAddress: '10.201.0.1/24',
  podRange: '10.244.0.0/16',
  nodePodRange: '10.244.0.0/24',
  serviceRange: '10.96.0.0/16',
  apiServiceAddress: '10.96.0.1',
  dnsServiceAddress: '10.96.0.10',
} as const;

/** The registry name that lab images carry. Nothing is ever pulled from it: images are imported. */
export const imageHub = 'docker.io/ambit-lab';
