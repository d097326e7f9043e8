import type { Report } from '../issue.ts';
import { child } from '../path.ts';
import { show } from './json.ts';

const label = '[a-zA-Z0-9](?:[-a-zA-Z0-9]*[a-zA-Z0-9])?';
const name = '(?:[A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]';
const keyPattern = new RegExp(`^(?:(${label}(?:\\.${label})*)/)?(${name})$`);
const valuePattern = new RegExp(`^(?:${name})?$`);

function keyProblem(key: string): string | undefined {
  const match = keyPattern.exec(key);
  if (!match) return `${show(key)} is no label key`;
  if ((match[1]?.length ?? 0) > 253) return `the prefix of the label key ${show(key)} is too long`;
  return (match[2]?.length ?? 0) > 63 ? `the label key ${show(key)} is too long` : undefined;
}

/** Labels of workloads as Kubernetes takes them. */
export function checkLabels(
  report: Report,
  path: string,
  labels: Map<string, string> | undefined,
): void {
  for (const [key, value] of labels ?? []) {
    report.need(child(path, key), keyProblem(key));
    if (!valuePattern.test(value)) {
      report.error(child(path, key), `${show(value)} is no label value`);
    }
  }
}
