import gatewayApi from '../generated/gateway-api-crds.json' with { type: 'json' };
import istio from '../generated/istio-crds.json' with { type: 'json' };
import type { CrdSchema } from './catalogue.ts';

/** Istio's kinds and the standard channel of the Gateway API, for when a release's own CRDs are not at hand. */
export const builtInCrds: CrdSchema[] = [...istio, ...gatewayApi];
