import type { TelemetryStore } from '@ambit/topology/store/telemetry-store';

/** Why a source, or a part of what was asked of it, gave nothing. */
export type ProblemKind =
  | 'unreachable'
  | 'timeout'
  | 'unauthorised'
  | 'refused'
  | 'unavailable'
  | 'tooLarge'
  | 'malformed'
  | 'partial'
  | 'clock';

export interface Problem {
  kind: ProblemKind;
  /** What was wrong, where, and what to do about it; for people. */
  message: string;
}

/**
 * What came of one round. `ok`: everything was told. `partial`: something is missing, what was known of it
 * before stays. `failed`: nothing was told, and the store is as it was.
 */
export interface Round {
  state: 'ok' | 'partial' | 'failed';
  problems: Problem[];
  /** When the telemetry was true, milliseconds since 1970 by the clock of who told it; over how many seconds it tells. */
  at: number;
  windowS: number;
  /** Links whose traffic changed, for `View.update`. */
  changed: number[];
  asked: number;
  bytes: number;
  rows: number;
  /** Rows that could not be read, or were beyond what is kept. */
  dropped: number;
}

/** Some namespaces, or all others. An empty name is traffic whose namespace nobody knows. */
export type Scope = { only: readonly string[] } | { except: readonly string[] };

export interface RoundOptions {
  /** Only traffic that these namespaces began; what is known of others stays. */
  scope?: Scope;
  /** Ask for apps and versions too, where the source tells them apart from the traffic: they change seldom. */
  names?: boolean;
  /** A moment in the past, milliseconds since 1970, for sources that keep what was. Now when absent. */
  atMs?: number;
  signal?: AbortSignal;
}

/** Anything that tells of traffic. Rounds of one source never overlap: a second one waits for the first. */
export interface TelemetrySource {
  round(store: TelemetryStore, options?: RoundOptions): Promise<Round>;
  /** Pods (`namespace/pod`) whose proxies are told of at all, busy or not. Throws SourceError. */
  reporting(signal?: AbortSignal): Promise<Set<string>>;
  close(): void;
}

/** A problem as it is thrown inside a source. */
export class SourceError extends Error {
  readonly kind: ProblemKind;
  constructor(kind: ProblemKind, message: string) {
    super(message);
    this.kind = kind;
  }
}

export function toProblem(error: unknown): Problem {
  if (error instanceof SourceError) return { kind: error.kind, message: error.message };
  return { kind: 'malformed', message: `The telemetry could not be read: ${String(error)}` };
}
