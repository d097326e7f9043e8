import type { MeshConfig } from '@ambit/analysis/mesh';
import { meshOptionsSchema } from '@ambit/contracts/mesh-options';

/** The parts of MeshConfig that a mesh's options say (packages/istio/src/values.ts renders the same). */
export function meshConfigOf(options: unknown): MeshConfig {
  const read = meshOptionsSchema.parse(options);
  return {
    trustDomain: read.trustDomain,
    outboundTrafficPolicy: { mode: read.outboundTraffic },
    defaultConfig: { holdApplicationUntilProxyStarts: read.holdApplicationUntilProxyStarts },
  };
}
