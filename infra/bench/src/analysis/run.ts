import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { istRules } from '@ambit/analysis/rules/ist/index';
import { loadTexts } from '@ambit/analysis/sources/load';
import { bookinfo, objectsPerNamespace } from '@ambit/analysis/testing/bookinfo';
import type { BookinfoOptions } from '@ambit/analysis/testing/bookinfo';
import { compare, ownFindings, show } from '@ambit/analysis/testing/compare';
import { withoutChance } from '@ambit/analysis/testing/known';
import { yamlText } from '@ambit/analysis/testing/yaml-text';
import { findIstioctl } from '@ambit/istio/validation/testing/find-istioctl';
import { figure, quantile } from '../figure.ts';
import type { Figure } from '../figure.ts';
import { measureIncremental } from './incremental.ts';
import { ensurePeer } from './peer.ts';
import { findingsOfPeer, runAmbit, runIstioctl, runMeasure, runPeer } from './processes.ts';
import { smallFiles } from './small-files.ts';

type Say = (line: string) => void;

const coldRuns = 15;
/** Runs of a generated mesh, of which the median counts. */
const fullRuns = 5;
/** Namespaces of the meshes, 31 objects each: 124, 992, 12,400 and 50,003 objects. */
const sizes = [4, 32, 400, 1613] as const;
const common = { seed: 42, mistakes: 0.1 } as const;

const label = (namespaces: number): string =>
  ({ 4: '100', 32: '1000', 400: '12400', 1613: '50000' })[namespaces] ?? String(namespaces);

function writeMesh(folder: string, options: BookinfoOptions): string {
  const file = join(folder, `${options.namespaces}-${options.hosts ?? 'fqdn'}.yaml`);
  writeFileSync(file, yamlText([...bookinfo(options)].flat()));
  return file;
}

const median = (samples: number[]): number => quantile(samples, 0.5);

function coldStarts(folder: string, istioctl: string | undefined, say: Say): Figure[] {
  return smallFiles().map(({ name, text }, index) => {
    const file = join(folder, name);
    writeFileSync(file, text);
    runAmbit([file]);
    if (istioctl) runIstioctl(istioctl, [file]);
    const [own, theirs]: [number[], number[]] = [[], []];
    for (let turn = 0; turn < coldRuns; turn += 1) {
      own.push(runAmbit([file]).ms);
      if (istioctl) theirs.push(runIstioctl(istioctl, [file]).ms);
    }
    say(`${name}: ${median(own).toFixed(0)} ms`);
    return figure(
      index === 0 ? 'small_file_ms' : 'small_file_350_lines_ms',
      median(own),
      'ms',
      istioctl ? median(theirs) : undefined,
    );
  });
}

/** One size: our time with all rules beside the library with all analyzers, and offline istioctl beside it. */
async function fullRun(
  folder: string,
  namespaces: number,
  tools: { peer: string; istioctl: string | undefined },
  say: Say,
): Promise<{ figures: Figure[]; differ: number }> {
  const name = label(namespaces);
  const file = writeMesh(folder, { ...common, namespaces });
  say(
    `${(namespaces * objectsPerNamespace).toLocaleString('en')} objects: the library with all analyzers`,
  );
  const theirs = runPeer(tools.peer, [file]);
  const { parseMs, analyzeMs } = JSON.parse(theirs.stderr.trim().split('\n').at(-1) ?? '') as {
    parseMs: number;
    analyzeMs: number;
  };
  const offline = tools.istioctl ? runIstioctl(tools.istioctl, [file]).ms : undefined;
  const runs = Array.from({ length: fullRuns }, () => ({
    ...runMeasure(file),
    coldMs: runAmbit([file]).ms,
  }));
  const full = median(runs.map(({ fullMs }) => fullMs));
  const cold = median(runs.map(({ coldMs }) => coldMs));
  say(
    `  ours ${full.toFixed(0)} ms, ${cold.toFixed(0)} ms with the start of the process; theirs ${parseMs + analyzeMs} ms, istioctl with 32 of 53 analyzers ${offline?.toFixed(0) ?? '-'} ms`,
  );
  const one = { files: [{ file, text: readFileSync(file, 'utf8') }] };
  const findings = findingsOfPeer(theirs);
  const ours = ownFindings(istRules, one);
  const first = compare(ours, { findings, parseMs, analyzeMs });
  // What differs once may be an answer that the library gives by chance; asking again costs as much each time.
  const isLarge = namespaces > 40;
  const left =
    show(first).length === 0 || isLarge ? first : await withoutChance(tools.peer, one, ours);
  for (const line of show(left).slice(0, 10)) say(`  differs: ${line}`);
  return {
    figures: [
      figure(`full_${name}_ms`, full, 'ms', parseMs + analyzeMs),
      figure(`cold_${name}_ms`, cold, 'ms', theirs.ms),
      figure(`beside_istioctl_${name}_ms`, cold, 'ms', offline),
      figure(`findings_ist_${name}`, ours.length, 'findings', findings.length),
      ...(name === '50000'
        ? [figure('memory_50000_mb', Math.max(...runs.map(({ peakMb }) => peakMb)), 'MB')]
        : []),
    ],
    differ: show(left).length,
  };
}

/** With short hosts the library blames each namespace for every other: told apart, as speed with other answers. */
function falsePositives(folder: string, peer: string, say: Say): Figure {
  const file = writeMesh(folder, { ...common, namespaces: 32, hosts: 'short' });
  const theirs = findingsOfPeer(runPeer(peer, [file])).filter(({ code }) => code === 'IST0140');
  const namespaceOf = (resource: string): string => resource.split(/[ /]/)[1] ?? '';
  const across = theirs.filter(({ resource, message }) => {
    const other = /virtual service ([^/ ]+)\//.exec(message)?.[1];
    return other !== namespaceOf(resource);
  });
  const { findings } = JSON.parse(runAmbit([file]).stdout) as {
    findings: { code: string; codes?: string[] }[];
  };
  const ours = findings.filter(({ code }) => code === 'IST0140').length;
  say(
    `short hosts, 992 objects: the library tells IST0140 ${theirs.length} times, ${across.length} of them between namespaces that share nothing; we tell it ${ours} times`,
  );
  return figure('ist0140_short_hosts_1000', ours, 'findings', theirs.length);
}

/** Measures the diagnosis beside istioctl and beside Istio's analysis library with every analyzer. */
export async function run(say: Say): Promise<Figure[]> {
  const istioctl = findIstioctl();
  if (!istioctl) say('no istioctl (AMBIT_TEST_ISTIOCTL, or build a lab): its figures are left out');
  const peer = await ensurePeer(say);
  const folder = mkdtempSync(join(tmpdir(), 'ambit-bench-analysis-'));
  try {
    const figures = coldStarts(folder, istioctl, say);
    let differ = 0;
    for (const namespaces of sizes) {
      const { figures: more, differ: here } = await fullRun(
        folder,
        namespaces,
        { peer, istioctl },
        say,
      );
      figures.push(...more);
      differ += here;
    }
    const text = yamlText([...bookinfo({ ...common, namespaces: 400 })].flat());
    const { snapshot } = loadTexts([{ file: 'mesh.yaml', text }]);
    const { p99, p50 } = measureIncremental([...snapshot.resources]);
    figures.push(
      figure('incremental_12400_p99_ms', p99, 'ms'),
      figure('incremental_12400_p50_ms', p50, 'ms'),
      falsePositives(folder, peer, say),
      figure('findings_differ', differ, 'findings'),
    );
    return figures;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
