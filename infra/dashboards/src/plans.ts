import { dataPlane } from './plans/data-plane.ts';
import { mesh } from './plans/mesh.ts';
import { platform } from './plans/platform.ts';
import { service } from './plans/service.ts';
import { dashboardOf, type Plan } from './panel.ts';

export const plans: readonly Plan[] = [mesh, service, dataPlane, platform];

/** Every dashboard by the name of its file, as text. */
export const files = (): Map<string, string> =>
  new Map(
    plans.map((plan) => [`${plan.uid}.json`, `${JSON.stringify(dashboardOf(plan), null, 2)}\n`]),
  );
