import type { Headers, HeadersHeaderOperations, HTTPRewrite } from '../../generated/types.ts';
import type { Report } from '../../issue.ts';
import { child } from '../../path.ts';
import {
  fixedHeaderProblem,
  headerValueProblem,
  isAuthorityHeader,
  requestHeaderProblem,
} from '../../shared/header.ts';

type NameCheck = (name: string) => string | undefined;

function checkOperations(
  report: Report,
  path: string,
  operations: HeadersHeaderOperations | undefined,
  setNameProblem: NameCheck,
): void {
  if (!operations) return;
  for (const verb of ['add', 'set'] as const) {
    for (const [name, value] of operations[verb] ?? []) {
      const at = child(`${path}.${verb}`, name);
      report.need(at, setNameProblem(name));
      report.need(at, headerValueProblem(value));
    }
  }
  for (const [index, name] of (operations.remove ?? []).entries()) {
    report.need(`${path}.remove[${index}]`, fixedHeaderProblem(name));
  }
}

/** Headers that are added, set and removed on the way there and back. */
export function checkHeaders(report: Report, path: string, headers: Headers | undefined): void {
  if (!headers) return;
  checkOperations(report, `${path}.request`, headers.request, requestHeaderProblem);
  checkOperations(report, `${path}.response`, headers.response, fixedHeaderProblem);
}

/** The authority may be rewritten only once, be it by `rewrite` or by a header. */
export function checkAuthority(
  report: Report,
  path: string,
  rewrite: HTTPRewrite | undefined,
  headers: Headers | undefined,
): void {
  if (!headers) return;
  let current = rewrite?.authority ?? '';
  for (const verb of ['set', 'add'] as const) {
    for (const [name, value] of headers.request?.[verb] ?? []) {
      if (!isAuthorityHeader(name)) continue;
      if (current !== '') {
        const at = child(`${path}.headers.request.${verb}`, name);
        report.error(at, 'the authority is already rewritten; do it once');
        return;
      }
      current = value;
    }
  }
}
