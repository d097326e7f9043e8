import type { Path } from './resource.ts';

export type Severity = 'error' | 'warning' | 'info';

/** One step of a JSON patch (RFC 6902); `path` is a JSON pointer. */
export type PatchOperation =
  | { op: 'add' | 'replace' | 'test'; path: string; value: unknown }
  | { op: 'remove'; path: string };

/** What to do about a finding; with `patch` it can be done by a program, on the finding's own resource. */
export type Fix = { title: string; patch?: PatchOperation[] };

/** What a rule says when it finds something; the rest of a finding follows from the rule and its subject. */
export type Draft = {
  message: string;
  /** The place in the subject, as exact as possible. */
  path?: Path;
  /** Rules of Istio only: the path whose line istioctl names, where it names one. */
  istioPath?: Path;
  /** Rules of Istio only: what istioctl's message varies by, where ours says more; equal ones count once. */
  istioText?: string;
  /** Tells findings of one rule on one resource apart in their id, where path does not. */
  key?: string;
  /** When it is not the rule's. */
  severity?: Severity;
  /** When the rule's own `cause` and `consequence` can be told more exactly. */
  cause?: string;
  consequence?: string;
  fix?: Fix;
};

/** A diagnosed problem. */
export type Finding = {
  /** The same as long as the same rule finds the same thing at the same place of the same resource. */
  id: string;
  code: string;
  severity: Severity;
  message: string;
  /** `Kind namespace/name`, or `Kind name` where the document gives no namespace. */
  resource: string;
  kind: string;
  namespace: string;
  name: string;
  /** Only with several clusters. */
  cluster?: string;
  /** `spec.http[0].route[1]`, empty for the whole object. */
  path: string;
  file?: string;
  line?: number;
  cause: string;
  consequence: string;
  fix?: Fix;
  link: string;
  /** Codes of other catalogues that say the same: Kiali's, beside one of Istio or ours. */
  also?: string[];
};
