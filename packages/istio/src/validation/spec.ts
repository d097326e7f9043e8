import { decodeMessage } from './decode/decode.ts';
import { createSchema } from './decode/schema.ts';
import istioTable from './generated/istio.json' with { type: 'json' };
import { createReport } from './issue.ts';
import type { Issue, Verdict } from './issue.ts';
import { kinds } from './kinds/catalogue.ts';
import type { KindEntry } from './kinds/catalogue.ts';
import type { Subject } from './kinds/subject.ts';

export type DecodedSpec = {
  spec: unknown;
  /** What keeps the spec from being read; `spec` is then only a part. */
  errors: Issue[];
  /** Fields that the kind does not have: readers of stored objects pass over them. */
  unknownFields: Issue[];
};

const schema = createSchema(istioTable);
const entries = new Map(kinds.map((entry) => [entry.kind, entry]));

function entryOf(kind: string): KindEntry {
  const entry = entries.get(kind);
  if (!entry) throw new Error(`${kind} is no kind that Istio validates`);
  return entry;
}

/** Thrown at the first problem of a first look, which makes no paths. */
const problem = new Error('the spec has a problem');

const stop = (): never => {
  throw problem;
};

const firstLook = {
  schema,
  pathless: true,
  depth: 0,
  report: { errors: [], warnings: [], error: stop, warn: stop, need: stop },
  unknownField: stop,
};

function decodeSound(type: number, spec: unknown): DecodedSpec | undefined {
  firstLook.depth = 0;
  try {
    return { spec: decodeMessage(firstLook, type, spec, 'spec'), errors: [], unknownFields: [] };
  } catch (error) {
    if (error === problem) return undefined;
    throw error;
  }
}

const types = new Map<string, number>();

function typeOf(kind: string): number {
  let type = types.get(kind);
  if (type === undefined) types.set(kind, (type = schema.find(entryOf(kind).message) ?? 0));
  return type;
}

/** Decodes the spec of one of Istio's kinds (by its name, `VirtualService`) as istiod reads a stored object. */
export function decodeSpec(kind: string, spec: unknown): DecodedSpec {
  const type = typeOf(kind);
  const sound = decodeSound(type, spec ?? null);
  if (sound) return sound;
  const report = createReport('istio');
  const unknownFields: Issue[] = [];
  const ctx = {
    schema,
    report,
    unknownField: (path: string, message: string): void => {
      unknownFields.push({ path, message, layer: 'istio' });
    },
  };
  const decoded = decodeMessage(ctx, type, spec ?? null, 'spec');
  return { spec: decoded, errors: report.errors, unknownFields };
}

/** The kind's own checks on a spec that `decodeSpec` gave. */
export function checkSpec(kind: string, subject: Subject<unknown>): Verdict {
  const report = createReport('istio');
  entryOf(kind).check(subject as Subject<never>, report);
  return { errors: report.errors, warnings: report.warnings };
}
