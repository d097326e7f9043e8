import { sep } from 'node:path';
import type { Finding, Severity } from '@ambit/analysis/finding';
import type { Report } from './formats.ts';

const level: Record<Severity, string> = { error: 'error', warning: 'warning', info: 'note' };

/** A path as a URI: relative ones stay relative, since GitHub looks for files from the root of the repository. */
export function fileUri(file: string, separator: string = sep): string {
  const parts = file.split(separator).map(encodeURIComponent);
  if (separator === '\\' && /^[A-Za-z]:/.test(file))
    return `file:///${[file.slice(0, 2), ...parts.slice(1)].join('/')}`;
  const path = parts.join('/');
  return path.startsWith('/') ? `file://${path}` : path.replace(/^(?:\.\/)+/, '');
}

function location({ file, line, resource, path }: Finding): object {
  return {
    ...(file === undefined
      ? {}
      : {
          physicalLocation: {
            artifactLocation: { uri: fileUri(file) },
            ...(line === undefined || line < 1 ? {} : { region: { startLine: line } }),
          },
        }),
    logicalLocations: [{ fullyQualifiedName: path ? `${resource} ${path}` : resource }],
  };
}

const isFlag = (reason: string): boolean => reason === '--suppress';

/** SARIF 2.1.0, as GitHub's code scanning reads it. */
export function asSarif({ findings, suppressed }: Report): string {
  const all = [
    ...findings.map((finding) => ({ finding, suppressions: undefined })),
    ...suppressed.map(({ finding, reason }) => ({
      finding,
      suppressions: [{ kind: isFlag(reason) ? 'external' : 'inSource', justification: reason }],
    })),
  ];
  const rules = [...new Map(all.map(({ finding }) => [finding.code, finding])).values()].sort(
    (a, b) => (a.code < b.code ? -1 : 1),
  );
  const index = new Map(rules.map(({ code }, at) => [code, at]));
  const log = {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: {
          driver: {
            name: 'ambit analyze',
            rules: rules.map(({ code, severity, cause, link }) => ({
              id: code,
              shortDescription: { text: cause },
              defaultConfiguration: { level: level[severity] },
              ...(link.startsWith('https:') ? { helpUri: link } : {}),
            })),
          },
        },
        results: all.map(({ finding, suppressions }) => ({
          ruleId: finding.code,
          ruleIndex: index.get(finding.code),
          level: level[finding.severity],
          message: { text: `${finding.message}. ${finding.consequence}` },
          locations: [location(finding)],
          partialFingerprints: { 'ambitFindingId/v1': finding.id },
          ...(suppressions ? { suppressions } : {}),
        })),
      },
    ],
  };
  return `${JSON.stringify(log, null, 1)}\n`;
}
