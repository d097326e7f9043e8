import { toProblem, type Problem, type RoundOptions } from '../source.ts';
import type { PrometheusClient } from './client.ts';
import type { Part, Query } from './queries.ts';
import type { OnRow } from './vector-reader.ts';

/** What came of one question. */
export interface Outcome {
  parts: Part[];
  /** There was an answer at all. */
  hasTold: boolean;
  /** What it leaves out is gone. */
  isAnswered: boolean;
  problems: Problem[];
  bytes: number;
  rows: number;
  dropped: number;
  atMs: number | null;
}

export interface Outcomes {
  /** Asks, and never throws. */
  ask(
    query: Pick<Query, 'parts' | 'promql'>,
    options: { at?: number; signal?: AbortSignal },
    onRow: OnRow,
  ): Promise<Outcome>;
}

const defaultKeepPartialMs = 5 * 60_000;

/** A question whose answer was too large is left for so long, and for twice as long each time again, up to the longest. */
const shortestPauseMs = 60_000;
const longestPauseMs = 5 * 60_000;

/**
 * Asks a server, and says what is to be believed of its answers. What was too large is not asked for each time again.
 * @param keepPartialMs how long what a partial answer leaves out stays as it was; then it counts as gone
 */
export function createOutcomes(
  client: Pick<PrometheusClient, 'query'>,
  keepPartialMs = defaultKeepPartialMs,
): Outcomes {
  const partialSince = new Map<string, number>();
  const tooLarge = new Map<string, { until: number; pauseMs: number; problem: Problem }>();

  const leave = (promql: string, problem: Problem): void => {
    const before = tooLarge.get(promql)?.pauseMs ?? shortestPauseMs / 2;
    const pauseMs = Math.min(before * 2, longestPauseMs);
    keep(tooLarge, promql, { until: performance.now() + pauseMs, pauseMs, problem });
  };

  /** Whether answers of a question have been partial for long. */
  const hasLasted = (promql: string): boolean => {
    const now = performance.now();
    const since = partialSince.get(promql) ?? now;
    keep(partialSince, promql, since);
    return now - since >= keepPartialMs;
  };

  return {
    ask: async ({ parts, promql }, options, onRow) => {
      const left = tooLarge.get(promql);
      if (left && performance.now() < left.until) {
        return { ...nothing, parts, problems: [left.problem] };
      }
      try {
        const answer = await client.query(promql, onRow, options);
        const { bytes, rows, atMs } = answer;
        tooLarge.delete(promql);
        const isWhole = !answer.isPartial && answer.warnings.every(isAboutQuery);
        if (isWhole) partialSince.delete(promql);
        return {
          parts,
          hasTold: true,
          isAnswered: isWhole || hasLasted(promql),
          problems: partialProblems(answer),
          bytes,
          rows,
          dropped: 0,
          atMs,
        };
      } catch (error) {
        const problem = toProblem(error);
        if (problem.kind === 'tooLarge') leave(promql, problem);
        return { ...nothing, parts, problems: [problem] };
      }
    },
  };
}

/** Questions of which something is kept; the one asked longest ago is forgotten first. */
const mostQuestions = 256;

function keep<T>(of: Map<string, T>, promql: string, value: T): void {
  of.delete(promql);
  of.set(promql, value);
  if (of.size > mostQuestions) of.delete(of.keys().next().value!);
}

const nothing = {
  hasTold: false,
  isAnswered: false,
  bytes: 0,
  rows: 0,
  dropped: 0,
  atMs: null,
};

/** Prometheus warns of odd queries in the same place where others say that data is missing. */
const isAboutQuery = (warning: string): boolean => warning.startsWith('PromQL');

export function partialProblems(answer: { isPartial: boolean; warnings: string[] }): Problem[] {
  if (!answer.isPartial && answer.warnings.length === 0) return [];
  return [
    {
      kind: 'partial',
      message: `Prometheus answered in part: ${answer.warnings.join('; ') || 'it does not say why'}.`,
    },
  ];
}

export const queryOptions = ({
  atMs,
  signal,
}: RoundOptions): { at?: number; signal?: AbortSignal } => ({
  ...(atMs === undefined ? {} : { at: atMs / 1000 }),
  ...(signal ? { signal } : {}),
});
