import type { RequestListener } from 'node:http';
import { openMeshApis } from '@ambit/services/mesh-api/mesh-apis';
import { loadSessionSecret } from '@ambit/services/kernel/keys';
import { Hono } from 'hono';
import { healthApp } from '../platform/health.ts';
import type { Process } from '../platform/platform.ts';
import { agentApp } from './agent/app.ts';
import { authApp } from './auth/app.ts';
import { makeAuth } from './auth/auth.ts';
import type { CallerOptions } from './auth/caller.ts';
import { answerError, limitedBody, observed, type DoorEnv } from './door.ts';
import { eventsApp } from './events/app.ts';
import { openEventHub, type EventHub } from './events/hub.ts';
import { kubeListener } from './kube/app.ts';
import { metricsApp } from './metrics/app.ts';
import { packed } from './packed.ts';
import { restApp, unknownRoute } from './rest/app.ts';
import { welcomeApp } from './rest/welcome.ts';
import { trpcApp } from './trpc/app.ts';

export interface ServerApp {
  app: Hono<DoorEnv>;
  hub: EventHub;
  /** Serves what `isKubePath`. */
  kube: RequestListener;
  /** Ends the open watches. */
  endKube: () => void;
  /** When no request is under way any more. */
  closeKube: () => Promise<void>;
}

/** Paths that are the API's; all others are the console's. */
export const isApiPath = (url: string): boolean =>
  /^\/(v1|auth|trpc|agent|k8s|healthz|readyz|metrics)(?:[/?]|$)/.test(url);

/** Every door of the API in one Hono application. */
export async function makeServerApp(platform: Process): Promise<ServerApp> {
  const auth = makeAuth(platform.db, platform.publicUrl, await loadSessionSecret(platform.db));
  const callers: CallerOptions = {
    db: platform.db,
    auth,
    publicUrl: platform.publicUrl,
    now: platform.now,
  };
  const hub = openEventHub(platform.db, platform.notifications, platform.log);
  const apis = await openMeshApis(platform, (error) =>
    platform.log.error({ err: error }, 'the Kubernetes API of a mesh met an error'),
  );
  const unlisten = platform.notifications.on('ambit_mesh', apis.changed);
  const app = new Hono<DoorEnv>();
  app.onError((error, c) => answerError(platform, c, error));
  app.use(observed(platform));
  for (const path of ['/v1/*', '/auth/*', '/trpc/*']) app.use(path, limitedBody);
  for (const path of ['/v1/meshes/:meshId/topology', '/trpc/topology.get']) app.use(path, packed);
  app.route('/', healthApp(platform));
  app.route('/', metricsApp(platform, callers));
  app.route('/', eventsApp(platform, callers, hub));
  app.route('/', welcomeApp(platform, callers, auth));
  app.route('/', authApp(platform, auth));
  app.route('/', trpcApp(platform, callers));
  app.route('/', restApp(platform, callers));
  app.use('/agent/*', async (c, next) => {
    c.set('operation', 'agent');
    await next();
  });
  app.route('/agent', agentApp(platform));
  app.all('*', (c) => unknownRoute(platform, c));
  return {
    app,
    hub,
    kube: kubeListener(platform, callers, apis),
    endKube: () => {
      unlisten();
      apis.end();
    },
    closeKube: apis.close,
  };
}
