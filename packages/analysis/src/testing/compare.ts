import { analyze } from '../analyze.ts';
import type { Severity } from '../finding.ts';
import type { Rule } from '../rule.ts';
import { loadTexts } from '../sources/load.ts';
import { suppress } from '../suppress.ts';
import type { PeerAnswer, PeerCase, PeerFinding } from './peer.ts';

const levels: Record<Severity, PeerFinding['level']> = {
  error: 'Error',
  warning: 'Warning',
  info: 'Info',
};

export type Told = {
  code: string;
  level: string;
  resource: string;
  file: string;
  line: number;
  message: string;
};

const text = (file: string, content: string | undefined) =>
  content === undefined ? undefined : { file, text: content };

/** What we tell of a case with `--parity istioctl`. */
export function ownFindings(rules: readonly Rule[], one: PeerCase): Told[] {
  const { snapshot } = loadTexts(one.files, {
    parity: true,
    meshConfig: text('mesh.yaml', one.meshConfig),
    meshNetworks: text('networks.yaml', one.meshNetworks),
  });
  const now = Date.now();
  const all = analyze(snapshot, { rules, parity: true, now });
  const { findings } = suppress(all, [], now);
  return findings.map((finding) => ({
    code: finding.code,
    level: levels[finding.severity],
    resource: finding.resource,
    file: finding.file ?? '',
    line: finding.line ?? 0,
    message: finding.message,
  }));
}

export type Disagreement = { missing: Told[]; surplus: Told[] };

export const placeOf = ({ code, level, resource, file, line }: Told): string =>
  `${code} ${level} ${resource} ${file}:${line}`;

/** What the library told and we did not, and the other way round: as multisets of code, level, resource and line. */
export function compare(ours: readonly Told[], theirs: PeerAnswer): Disagreement {
  const left = new Map<string, Told[]>();
  for (const told of theirs.findings) {
    const key = placeOf(told);
    const known = left.get(key);
    if (known) known.push(told);
    else left.set(key, [told]);
  }
  const surplus = ours.filter((told) => left.get(placeOf(told))?.pop() === undefined);
  return { missing: [...left.values()].flat(), surplus };
}

/** One line for each finding that only one side tells. */
export function show({ missing, surplus }: Disagreement): string[] {
  return [
    ...missing.map((told) => `we miss      ${placeOf(told)} ${told.message}`),
    ...surplus.map((told) => `only we tell ${placeOf(told)} ${told.message}`),
  ];
}
