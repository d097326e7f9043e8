// Reads a file and analyzes it with every rule in this process, as `ambit analyze` does; prints times and the peak of
// memory as JSON. A process of its own for each size: memory is that of the one run.
import { readFileSync } from 'node:fs';
import { analyze } from '@ambit/analysis/analyze';
import { allRules } from '@ambit/analysis/rules/all';
import { loadTexts } from '@ambit/analysis/sources/load';

export type Measured = { readMs: number; analyzeMs: number; findings: number; peakMb: number };

const [file = ''] = process.argv.slice(2);
const start = performance.now();
const { snapshot } = loadTexts([{ file, text: readFileSync(file, 'utf8') }]);
const read = performance.now();
const findings = analyze(snapshot, { rules: allRules, now: Date.now() });
const end = performance.now();
const measured: Measured = {
  readMs: read - start,
  analyzeMs: end - read,
  findings: findings.length,
  peakMb: process.resourceUsage().maxRSS / 1024,
};
process.stdout.write(`${JSON.stringify(measured)}\n`);
