import type { Report } from '../issue.ts';

/** What a kind's check sees of an object: its decoded spec and the metadata that matters. */
export type Subject<Spec> = {
  name: string;
  namespace: string;
  labels: Record<string, string>;
  annotations: Record<string, string>;
  spec: Spec;
};

export type Check<Spec> = (subject: Subject<Spec>, report: Report) => void;
