// Runs `ambit analyze` on a file as a person runs it, from its one bundled file, and prints as JSON on the standard
// error what the command took within the process (reading, every rule, printing; not the start of Node) and the peak
// of memory. A process of its own for each run.
import { runBundledAnalyze } from '../../../../packages/client/bin/analyze.mjs';

export type Measured = { fullMs: number; peakMb: number };

const [node = '', script = '', file = ''] = process.argv;
process.argv = [node, script, 'analyze', '-o', 'json', '--fail-on', 'never', file];
const start = performance.now();
if (!(await runBundledAnalyze())) throw new Error('the bundle of ambit analyze cannot be made');
const measured: Measured = {
  fullMs: performance.now() - start,
  peakMb: process.resourceUsage().maxRSS / 1024,
};
process.stderr.write(`${JSON.stringify(measured)}\n`);
