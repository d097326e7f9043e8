import { openTraces } from '../trace/open.ts';
import { inOrder } from './check-prometheus.ts';
import type { OpenIntegration } from './settings.ts';
import type { Check } from './test.ts';
import type { Reacher } from './transport.ts';

const searchMs = 3_600_000;

/** Asks a server of traces for services, and for a trace of one. */
export async function checkTraces(
  platform: Reacher,
  integration: OpenIntegration,
): Promise<Check[]> {
  const source = openTraces(platform, integration);
  let service: string | undefined;
  try {
    return await inOrder([
      {
        name: 'It answers',
        run: async () => {
          const services = await source.services();
          service = services.find((name) => !/^(jaeger|tempo|zipkin)/.test(name)) ?? services[0];
          return services.length > 0
            ? { outcome: 'ok', message: `It knows ${services.length} services.` }
            : {
                outcome: 'warning',
                message:
                  'It answers, and knows no service: nothing was traced yet, or spans go elsewhere (setting "tracingSampling" of the mesh, Telemetry with tracing).',
              };
        },
      },
      {
        name: 'It finds traces',
        run: async () => {
          if (service === undefined) return { outcome: 'skipped', message: 'There is no service.' };
          const toMs = Date.now();
          const found = await source.list({ service, fromMs: toMs - searchMs, toMs, limit: 1 });
          return found.length > 0
            ? { outcome: 'ok', message: `It has traces of ${service} from the last hour.` }
            : {
                outcome: 'warning',
                message: `It has no trace of ${service} from the last hour.`,
              };
        },
      },
    ]);
  } finally {
    source.close();
  }
}
