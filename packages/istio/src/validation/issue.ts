/** What refuses (or warns about) a document: the text itself, the CRD's schema, or Istio's webhook. */
export type Layer = 'document' | 'schema' | 'istio';

/** One problem. `path` is the place in the object, like `spec.http[0].route[1].weight`; `line` counts from 1. */
export type Issue = {
  path: string;
  message: string;
  layer: Layer;
  line?: number;
  unreached?: Unreached;
};

/**
 * That a rule of a VirtualService (or one match of it) is never used. Istio's analysis has own codes for it, and tells
 * it once for each of `texts`.
 */
export type Unreached = { what: 'rule' | 'match'; texts: string[] };

export type Verdict = { errors: Issue[]; warnings: Issue[] };

/** Finds the line (from 1) of a path, or of the nearest parent that was written. */
export type Source = { lineOf: (path: string) => number | undefined };

/** Collects the problems of one document. */
export type Report = Verdict & {
  error: (path: string, message: string) => void;
  warn: (path: string, message: string, unreached?: Unreached) => void;
  /** Reports a problem that a check found, if it found one. */
  need: (path: string, problem: string | undefined) => void;
};

const maxIssues = 200;

export function createReport(layer: Layer, source?: Source): Report {
  const errors: Issue[] = [];
  const warnings: Issue[] = [];
  const issue = (path: string, message: string): Issue => {
    const line = source?.lineOf(path);
    return line === undefined ? { path, message, layer } : { path, message, layer, line };
  };
  const add = (list: Issue[], path: string, message: string): void => {
    if (list.length < maxIssues) list.push(issue(path, message));
    else if (list.length === maxIssues)
      list.push(issue('', 'there are more, which are not listed'));
  };
  const error: Report['error'] = (path, message) => add(errors, path, message);
  return {
    errors,
    warnings,
    error,
    warn: (path, message, unreached) => {
      add(warnings, path, message);
      const last = warnings.at(-1);
      if (unreached && last?.message === message) last.unreached = unreached;
    },
    need: (path, problem) => {
      if (problem !== undefined) error(path, problem);
    },
  };
}

/** The same report with its warnings dropped: Istio loses them in some nested places, and so do we. */
export function withoutWarnings(report: Report): Report {
  return { ...report, warn: () => undefined };
}
