import type { Controller } from '../client/controller.ts';
import { ambientController } from './ambient.ts';
import { gatewayController } from './gateway.ts';
import { istiodController } from './istiod.ts';
import { routeStatusController } from './route-status.ts';
import { waypointBindingController } from './waypoint-binding.ts';

/** What istiod, istio-cni and ztunnel would do in the cluster, once their workloads are Ready. */
export const istioControllers = (isMissed: (pod: string) => boolean): Controller[] => [
  istiodController,
  ambientController(isMissed),
  gatewayController,
  waypointBindingController,
  routeStatusController,
];
