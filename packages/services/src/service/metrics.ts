import { meshMetrics, mostServicesTold } from '@ambit/contracts/operations/service';
import { subjectKey, type SubjectSignals } from '@ambit/topology/objectives/subject-signals';
import { implementOutside } from '../kernel/implement.ts';
import { requireMesh } from '../mesh/lock.ts';
import { paceOf } from '../topology/pace.ts';
import { residentOf } from '../topology/residents.ts';
import { servicesOf } from './list.ts';
import { writeMetrics } from './write-metrics.ts';

export const meshMetricsOf = implementOutside(
  meshMetrics,
  ({ tx }, { meshId }) => requireMesh(tx, meshId),
  async ({ platform, organisationId }, { meshId }, mesh) => {
    const resident = await residentOf(platform, organisationId, meshId);
    const { services, subjects } = await servicesOf(resident, paceOf(platform).budgetMs);
    const { sources, atMs, dropped } = resident.state();
    // Of the rest nobody tells; 0 would be a claim.
    const all = services
      .filter(({ traffic }) => traffic === 'active' || traffic === 'idle')
      .flatMap(
        ({ namespace, name }) =>
          subjects.get(subjectKey({ kind: 'service', namespace, name })) ?? [],
      );
    const told = busiest(all, mostServicesTold);
    const leftOut = all.length - told.length;
    return {
      text: writeMetrics({
        mesh: mesh.name,
        services: told,
        leftOut,
        sources: sources.map((source) => ({ name: source.name, isUp: source.state === 'ok' })),
        ageS: Math.max(0, (platform.now().getTime() - atMs) / 1000),
        dropped,
      }),
      services: told.length,
      leftOut,
    };
  },
);

const busiest = (services: SubjectSignals[], most: number): SubjectSignals[] =>
  services.length <= most
    ? services
    : services.toSorted((a, b) => b.signals.requests - a.signals.requests).slice(0, most);
