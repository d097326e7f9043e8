/**
 * How to write a rule.
 *
 * One rule a file, `rules/{ist,kia,amb}/NNNN-what-it-finds.ts`, default-free: `export const name = defineRule({...})`,
 * listed in `rules/{ist,kia,amb}/index.ts`. Several rules may share a code (Istio's 0101 has many), never an id.
 *
 * A rule is written for ONE subject: `check(subject, view, report)` is called for every resource of `kinds` and
 * reports on that subject alone. What else it needs it asks the view for. The engine notes what was asked, and
 * after a change calls again just the checks that asked for what changed. Therefore:
 * - a check is a pure function of the subject and of answers of the view: no module state, no clock (`view.now()`);
 * - ask narrowly (`view.get`, `view.lookup` by host or namespace), never loop over a whole kind when an index does:
 *   define an index beside the rule with `defineIndex`, see `view.ts`;
 * - what many subjects need alike (does any pod match these labels?) goes into a `defineDerivation`: computed once,
 *   and those who asked are called again only when its value changed;
 * - lists are ordered by resource id, so the same objects in any order give the same findings;
 * - a check must take any input that decodes: fields may be absent, numbers may be out of range.
 * Where two resources conflict, each is reported on by its own check.
 *
 * Examples are the rule's tests (`rules/examples.test.ts` runs them all): the rule alone runs on the YAML, and its
 * findings must be exactly `expect`. Each rule has a positive and a negative one, and an ambient one (`aspect`)
 * where sidecars and ambient differ.
 *
 * Messages name names ("Gateway shop/main has no server for shop.example.com"). `cause` says why it is so,
 * `consequence` what happens to traffic, in one sentence each; a draft may tell either more exactly.
 * `fix.patch` is a JSON patch of the subject, only where it is surely right.
 */
import type { Draft, Severity } from './finding.ts';
import type { KindName } from './kinds.ts';
import type { ProxyFault, ServiceTraffic } from './observed.ts';
import type { Resource } from './resource.ts';
import type { View } from './view.ts';

export type Expected = {
  /** `Kind namespace/name`. */
  resource: string;
  /** Checked when given: `spec.http[0]`; and a part of the message; and the line in the YAML. */
  path?: string;
  message?: string;
  line?: number;
  severity?: Severity;
};

export type Example = {
  /** What the example shows, as a sentence. */
  title: string;
  aspect: 'positive' | 'negative' | 'ambient';
  /** Documents separated by `---`, as a person would write them. */
  yaml: string;
  /** Documents of member clusters, by the cluster's name, beside `yaml`. */
  yamlOfClusters?: Readonly<Record<string, string>>;
  meshConfig?: string;
  meshNetworks?: string;
  /** What telemetry saw. */
  observed?: readonly ServiceTraffic[];
  /** What agents read of proxies. */
  faults?: readonly ProxyFault[];
  /** Time of the check, ISO; for rules that ask `view.now()`. */
  now?: string;
  /** Runs as `--parity istioctl` does. */
  parity?: boolean;
  expect: readonly Expected[];
};

export type Rule<K extends KindName = KindName> = {
  /** Unique: the code, and what tells it from others of the same code: `IST0101/virtual-service-host`. */
  id: string;
  /** IST0101, KIA0202, AMB0003. Only codes of Istio are reported with `--parity istioctl`. */
  code: string;
  severity: Severity;
  /** A few words, no full stop: "Destination host does not exist". */
  title: string;
  /** What the rule finds and why that is wrong, for the catalogue. Markdown. */
  explanation: string;
  /** How to fix it, for the catalogue. Markdown. */
  howToFix: string;
  cause: string;
  consequence: string;
  /** Kinds of the subject. */
  kinds: readonly K[];
  /** Other kinds it asks for, for the catalogue; a test holds that it asks for no others. */
  reads: readonly KindName[];
  /** Where to read more; the code's page of the catalogue when left out. */
  link?: string;
  /**
   * Codes of other rules that say the same of the same resource at the same place, one above or one below it: where
   * one of them does, this finding is not shown, and its code is added to the other's (`merge-same.ts`). A code with
   * `*` after it counts at any place of the resource.
   */
  sameAs?: readonly string[];
  /** Off in parity with istioctl, or only on there (a known false positive of Istio that we do not repeat). */
  parity?: 'never' | 'only';
  /** What it reports is no problem but holds: it is among no findings, and its end is told (`Delta.ended`). */
  isFact?: true;
  check: (subject: Resource<K>, view: View, report: (draft: Draft) => void) => void;
  examples: readonly Example[];
};

/** Gives the rule its types: in `check` the subject has the spec of its kind. */
export function defineRule<const K extends KindName>(rule: Rule<K>): Rule {
  return rule as unknown as Rule;
}
