import type { Report } from '../issue.ts';
import { isDnsLabel } from './host.ts';
import { show } from './json.ts';

type Options = {
  namespace: string;
  /** Only a ServiceEntry may be exported to nobody ("~"). */
  mayHide?: boolean;
  /** A DestinationRule with a workload selector stays in its own namespace. */
  isOwnOnly?: boolean;
};

function entryProblem(entry: string, mayHide: boolean): string | undefined {
  if (entry === '.' || entry === '*' || (entry === '~' && mayHide)) return undefined;
  if (entry === '~') return '"~" (nobody) is only for a ServiceEntry';
  return isDnsLabel(entry) ? undefined : `${show(entry)} is no namespace, "." or "*"`;
}

/** Who may see the object: namespaces, "." (its own), "*" (all) or "~" (nobody). */
export function checkExportTo(
  report: Report,
  path: string,
  exportTo: string[] | undefined,
  { namespace, mayHide = false, isOwnOnly = false }: Options,
): void {
  const seen = new Set<string>();
  for (const [index, entry] of (exportTo ?? []).entries()) {
    const key = entry === '.' ? namespace : entry;
    const problem = entryProblem(key, mayHide);
    if (seen.has(key)) report.error(`${path}[${index}]`, `${show(entry)} is listed twice`);
    else if (problem) report.error(`${path}[${index}]`, problem);
    else seen.add(key);
  }
  const isMany = (exportTo?.length ?? 0) > 1;
  if (isOwnOnly && seen.size > 0 && !(seen.has(namespace) && seen.size === 1)) {
    report.error(
      path,
      'with a workload selector the rule can only be exported to its own namespace',
    );
  }
  if (seen.has('*') && isMany)
    report.error(path, '"*" already means everyone; list nothing beside it');
  if (seen.has('~') && isMany) report.error(path, '"~" means nobody; list nothing beside it');
}
