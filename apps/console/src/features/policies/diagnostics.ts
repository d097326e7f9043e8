import type { ErrorBody } from '@ambit/contracts/errors';

export interface Marker {
  /** Offsets into the text. */
  from: number;
  to: number;
  severity: 'error' | 'warning' | 'info';
  message: string;
  actions?: { name: string; apply: () => void }[];
}

/** What a finding needs to be marked. */
export interface MarkedFinding {
  code: string;
  severity: Marker['severity'];
  message: string;
  cause: string;
  consequence: string;
  advice: string;
  line: number | null;
  denied: boolean;
  fixed: string | null;
}

/** From the first to the last character of a 1-based line that is not white space. */
function lineSpan(text: string, line: number): { from: number; to: number } {
  const lines = text.split('\n');
  const index = Math.min(Math.max(line, 1), lines.length) - 1;
  const start = lines.slice(0, index).reduce((sum, each) => sum + each.length + 1, 0);
  const content = lines[index] ?? '';
  const indent = content.length - content.trimStart().length;
  const from = start + Math.min(indent, content.length);
  return { from, to: Math.max(start + content.trimEnd().length, from) };
}

/** Line at which the last key of a path such as `spec.http[0].route` first stands, searched key by key. */
function lineOfPath(text: string, path: string): number {
  const keys = path.split(/[.[\]]+/).filter((key) => key && !/^\d+$/.test(key));
  const lines = text.split('\n');
  let at = 0;
  for (const key of keys) {
    const found = lines.findIndex(
      (each, i) => i >= at && each.trim().replace(/^- /, '').startsWith(`${key}:`),
    );
    if (found < 0) break;
    at = found;
  }
  return at + 1;
}

/** The server's refusal as markers in the text; without details, one on the first line. */
export function markersOf(text: string, error: ErrorBody | null): Marker[] {
  if (!error) return [];
  const whole = { ...lineSpan(text, 1), severity: 'error' as const };
  if (!error.details?.length)
    return [{ ...whole, message: error.fix ? `${error.message} ${error.fix}` : error.message }];
  return error.details.map((issue) => ({
    ...lineSpan(text, issue.line ?? lineOfPath(text, issue.path)),
    severity: 'error' as const,
    message: issue.path && !issue.line ? `${issue.path}: ${issue.message}` : issue.message,
  }));
}

/** Findings as markers, with a button for those that a program can fix. */
export function markersOfFindings<F extends MarkedFinding>(
  text: string,
  findings: readonly F[],
  onFix: (finding: F) => void,
): Marker[] {
  return findings.flatMap((finding) =>
    finding.line === null
      ? []
      : [
          {
            ...lineSpan(text, finding.line),
            severity: finding.denied ? 'error' : finding.severity,
            message: [
              `${finding.code}: ${finding.message}`,
              finding.cause,
              finding.consequence,
              // Advice is written in Markdown, and this is plain text.
              `What to do: ${finding.advice.replaceAll('`', '')}`,
            ].join('\n'),
            ...(finding.fixed === null
              ? {}
              : { actions: [{ name: 'Fix…', apply: () => onFix(finding) }] }),
          },
        ],
  );
}
