import type { Issue } from '@ambit/contracts/errors';
import { validateText, type DocumentResult } from '@ambit/istio/validation/validate-text';
import { invalid } from '../kernel/errors.ts';
import { parsePolicies, type ParsedPolicy } from './parse.ts';

export interface ReadPolicies {
  policies: ParsedPolicy[];
  /** What Istio would warn about on `kubectl apply`. */
  warnings: Issue[];
}

/**
 * Policies of a text, checked as Istio's own webhook would check them.
 * @throws AmbitError invalid_input with every problem and its line
 */
export function readPolicies(yaml: string): ReadPolicies {
  const { policies, issues } = parsePolicies(yaml);
  const verdicts = issues.length > 0 ? [] : validateText(yaml, '');
  const errors = [...issues, ...verdicts.flatMap((one) => told(one, one.errors))];
  const [first] = errors;
  if (first) {
    const more = errors.length > 1 ? ` (and ${errors.length - 1} more)` : '';
    throw invalid(`the policies are not valid: ${first.message}${more}`, errors);
  }
  return { policies, warnings: verdicts.flatMap((one) => told(one, one.warnings)) };
}

const told = ({ kind, name }: DocumentResult, issues: DocumentResult['errors']): Issue[] =>
  issues.map(({ path, message, line }) => ({
    path,
    message: `${kind} ${name}${path ? `, ${path}` : ''}: ${message}`,
    ...(line === undefined ? {} : { line }),
  }));
