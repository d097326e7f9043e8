import { parse } from 'yaml';
import { analyze } from '../analyze.ts';
import type { Finding } from '../finding.ts';
import type { MeshConfig, MeshNetworks } from '../mesh.ts';
import type { Example, Rule } from '../rule.ts';
import type { Snapshot } from '../snapshot.ts';
import { noSources, readText } from '../sources/text.ts';

const startOf2026 = Date.UTC(2026, 0, 1);

/** The snapshot of an example. Throws when a document of it cannot be read. */
export function exampleSnapshot(example: Example): Snapshot {
  const sources = noSources();
  readText(example.yaml, 'example.yaml', sources);
  for (const [cluster, yaml] of Object.entries(example.yamlOfClusters ?? {})) {
    readText(yaml, `${cluster}.yaml`, sources, { cluster });
  }
  const [broken] = sources.unreadable;
  if (broken) throw new Error(`${example.title}: line ${broken.line}: ${broken.message}`);
  return {
    resources: sources.resources,
    meshConfig: parse(example.meshConfig ?? '{}') as MeshConfig,
    meshNetworks: parse(example.meshNetworks ?? '{}') as MeshNetworks,
    ...(example.faults ? { faults: example.faults } : {}),
    ...(example.observed ? { observed: example.observed } : {}),
  };
}

/** What the rule alone finds in one of its examples. */
export function runExample(rule: Rule, example: Example): Finding[] {
  return analyze(exampleSnapshot(example), {
    rules: [rule],
    parity: example.parity ?? rule.parity === 'only',
    now: example.now === undefined ? startOf2026 : Date.parse(example.now),
  });
}
