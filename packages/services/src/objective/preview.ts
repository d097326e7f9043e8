import { objectivePreview } from '@ambit/contracts/operations/objective';
import { signalsOver, type HistoryRow } from '@ambit/telemetry/history';
import { toProblem } from '@ambit/telemetry/source';
import { evaluate, type Stretch } from '@ambit/topology/objectives/objective';
import { goodOf } from '@ambit/topology/objectives/subject-signals';
import { implementOutside } from '../kernel/implement.ts';
import { requireMesh } from '../mesh/lock.ts';
import { residentOf } from '../topology/residents.ts';
import { toObjectiveMath } from './facts.ts';
import { stepsOf } from './history.ts';
import { standingOf } from './standing.ts';
import { requireThreshold } from './verbs.ts';

const dayS = 86_400;
const budgetMs = 15_000;
const pointsAtMost = 300;

/** What an objective would say, from what the sources remember. */
export const previewObjective = implementOutside(
  objectivePreview,
  async ({ tx, now }, input) => {
    requireThreshold(input);
    await requireMesh(tx, input.meshId);
    return { now };
  },
  async ({ platform, organisationId }, input, { now }) => {
    const { meshId, days, subject } = input;
    const resident = await residentOf(platform, organisationId, meshId);
    const stepS = Math.ceil((days * dayS) / pointsAtMost / 60) * 60;
    const toS = Math.floor(now.getTime() / 1000 / stepS) * stepS;
    const count = Math.floor((days * dayS) / stepS);
    const fromS = toS - count * stepS;
    const side = { ...subject, clusters: null, version: '', workloads: [] };
    const problems: string[] = [];
    const rows = await Promise.all(
      resident.sources().map(async (source): Promise<HistoryRow[]> => {
        try {
          const { rows: told, problems: left } = await source.history({
            source: null,
            destination: side,
            protocol: null,
            fromS,
            toS,
            stepS,
            budgetMs,
            whose: resident.whose,
          });
          problems.push(...left.map(({ message }) => `${source.name}: ${message}`));
          return told;
        } catch (error) {
          problems.push(`${source.name}: ${toProblem(error).message}`);
          return [];
        }
      }),
    );
    const objective = toObjectiveMath(input);
    const stretches = signalsOver(rows.flat(), count + 1).flatMap((signals, at): Stretch[] => {
      const counted = signals && goodOf(signals, objective);
      if (!counted || at === 0) return [];
      const toMs = (fromS + at * stepS) * 1000;
      const { good, total } = counted;
      return [{ fromMs: toMs - stepS * 1000, toMs, good: good * stepS, total: total * stepS }];
    });
    const toldMs = stretches.at(-1)?.toMs ?? null;
    const silence =
      problems.join(' ') ||
      (resident.sources().length === 0
        ? 'Nobody tells of traffic in this mesh.'
        : 'No source remembers requests to it.');
    const status = standingOf(
      input,
      evaluate(objective, stretches, toS * 1000),
      // A step is as fresh as it can be here.
      toldMs !== null && toldMs >= (toS - 2 * stepS) * 1000 ? now.getTime() : toldMs,
      now.getTime(),
      silence,
    );
    return { status, history: stepsOf(stretches, fromS * 1000, toS * 1000, Math.min(count, 120)) };
  },
);
