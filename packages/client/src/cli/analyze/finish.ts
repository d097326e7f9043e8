import type { Finding } from '@ambit/analysis/finding';
import type { Suppression } from '@ambit/analysis/suppress';
import { exitCodes } from '../exit-codes.ts';
import type { Arguments } from './arguments.ts';
import { print } from './formats.ts';
import type { Report } from './formats.ts';

/** Findings of the namespace that was asked for, and of cluster-scoped objects. */
export function inNamespace({ namespace: wanted }: Arguments, findings: Finding[]): Finding[] {
  if (wanted === undefined) return findings;
  return findings.filter(({ namespace, kind, name }) =>
    [wanted, ''].includes(kind === 'Namespace' ? name : namespace),
  );
}

/** Both spellings of a suppressed resource: `Kind name.namespace` is istioctl's, `Kind namespace/name` ours. */
export function suppressions(args: Arguments): Suppression[] {
  return args.suppress.flatMap(({ code, resource }) => {
    const found = /^(?<kind>\S+) (?<name>[^/]*)\.(?<namespace>[^./]+)$/.exec(resource)?.groups;
    const spellings = found
      ? [resource, `${found['kind']} ${found['namespace']}/${found['name']}`]
      : [resource];
    return spellings.map((spelling) => ({ code, resource: spelling, reason: '--suppress' }));
  });
}

const ranks = { error: 0, warning: 1, info: 2, never: -1 } as const;

/** Prints the report; gives the exit code by `--fail-on`. */
export function finish(
  args: Arguments,
  shell: { out: (text: string) => void },
  report: Report,
): number {
  shell.out(print[args.format](report));
  const fails = report.findings.some(({ severity }) => ranks[severity] <= ranks[args.failOn]);
  return fails ? exitCodes.failed : exitCodes.done;
}
