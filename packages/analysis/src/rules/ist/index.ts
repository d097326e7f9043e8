import type { Rule } from '../../rule.ts';
import { destinationPortNeeded } from './0112-destination-port-needed.ts';
import { hostNotOnGateway } from './0132-host-not-on-gateway.ts';
import { internalGateway } from './0165-internal-gateway.ts';
import { subsetNotOnGateway } from './0140-subset-not-on-gateway.ts';
import { virtualServiceGateway } from './0101-virtual-service-gateway.ts';
import { virtualServiceHost } from './0101-virtual-service-host.ts';
import { virtualServicePort } from './0101-virtual-service-port.ts';
import { virtualServiceSubset } from './0101-virtual-service-subset.ts';

/** Each rule of this folder, one a line. */
export const istRules: readonly Rule[] = [
  destinationPortNeeded,
  hostNotOnGateway,
  internalGateway,
  subsetNotOnGateway,
  virtualServiceGateway,
  virtualServiceHost,
  virtualServicePort,
  virtualServiceSubset,
];
