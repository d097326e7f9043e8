import type { Finding, Severity } from '@ambit/analysis/finding';
import type { Suppressed } from '@ambit/analysis/suppress';
import type { Format } from './arguments.ts';
import { asSarif } from './sarif.ts';

export type Report = {
  findings: readonly Finding[];
  suppressed: readonly Suppressed[];
  /** Kinds in the files that no rule knows. */
  unknownKinds: readonly string[];
};

function count(findings: readonly Finding[], severity: Severity): number {
  return findings.filter((finding) => finding.severity === severity).length;
}

function summary({ findings, suppressed }: Report): string {
  const plural = (many: number, word: string): string => `${many} ${word}${many === 1 ? '' : 's'}`;
  const counts = [
    plural(count(findings, 'error'), 'error'),
    plural(count(findings, 'warning'), 'warning'),
    `${count(findings, 'info')} info`,
  ];
  const hidden = suppressed.length === 0 ? '' : `, ${suppressed.length} suppressed`;
  return findings.length === 0 ? `nothing found${hidden}` : `${counts.join(', ')}${hidden}`;
}

const place = ({ file, line }: Finding): string =>
  file === undefined ? '' : `${file}${line === undefined ? '' : `:${line}`}`;

function asTable(report: Report): string {
  const blocks = report.findings.map((finding) => {
    const { severity, code, resource, message, path, consequence, fix, also } = finding;
    const codes = [code, ...(also ?? [])].join(', ');
    const where = [place(finding), path].filter(Boolean).join(' ');
    return [
      `${severity} ${codes} ${resource}: ${message}`,
      ...(where ? [`  at ${where}`] : []),
      `  ${consequence}`,
      ...(fix ? [`  fix: ${fix.title}`] : []),
    ].join('\n');
  });
  return `${[...blocks, summary(report)].join('\n')}\n`;
}

function asJson({ findings, suppressed, unknownKinds }: Report): string {
  const body = {
    findings,
    suppressed: suppressed.map(({ finding, reason }) => ({ ...finding, reason })),
    unknownKinds,
    summary: {
      error: count(findings, 'error'),
      warning: count(findings, 'warning'),
      info: count(findings, 'info'),
    },
  };
  return `${JSON.stringify(body)}\n`;
}

const escapeText = (text: string): string =>
  text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');

const escapeProperty = (text: string): string =>
  escapeText(text).replaceAll(':', '%3A').replaceAll(',', '%2C');

/** Workflow commands by which GitHub Actions marks lines of a pull request. */
function asGithub(report: Report): string {
  const word: Record<Severity, string> = { error: 'error', warning: 'warning', info: 'notice' };
  const lines = report.findings.map((finding) => {
    const { severity, code, file, line, resource, message, consequence } = finding;
    const properties = [
      ...(file === undefined ? [] : [`file=${escapeProperty(file)}`]),
      ...(line === undefined || line < 1 ? [] : [`line=${line}`]),
      `title=${escapeProperty(`${code} ${resource}`)}`,
    ];
    return `::${word[severity]} ${properties.join(',')}::${escapeText(`${message}. ${consequence}`)}`;
  });
  return `${[...lines, summary(report)].join('\n')}\n`;
}

export const print: Record<Format, (report: Report) => string> = {
  table: asTable,
  json: asJson,
  sarif: asSarif,
  github: asGithub,
};
