import { describe, expect, it } from 'vitest';
import { createView } from '../engine/create-view.ts';
import { createStore } from '../engine/store.ts';
import type { KindName } from '../kinds.ts';
import type { Rule } from '../rule.ts';
import { resourcesOf } from '../snapshot.ts';
import type { Snapshot } from '../snapshot.ts';
import { exampleSnapshot } from '../testing/run-example.ts';
import type { Derivation, Index, View } from '../view.ts';
import { allRules } from './all.ts';

/** The view of a snapshot that notes which kinds it is asked for, also by derivations. */
function listeningView(snapshot: Snapshot, parity: boolean, asked: Set<KindName>): View {
  const store = createStore(resourcesOf(snapshot), false);
  const clock = { version: 0, readers: undefined, now: Date.UTC(2026, 0, 1) };
  const plain = createView(
    store,
    { parity, istioNamespace: 'istio-system', certificateDays: 30 },
    clock,
    undefined,
  );
  const note = (kind: KindName): KindName => {
    asked.add(kind);
    return kind;
  };
  const view: View = {
    ...plain,
    get: (kind, namespace, name) => plain.get(note(kind) as typeof kind, namespace, name),
    list: (kind) => plain.list(note(kind) as typeof kind),
    inNamespace: (kind, namespace) => plain.inNamespace(note(kind) as typeof kind, namespace),
    lookup: ((index: Index, key: string) => {
      index.kinds.forEach(note);
      return plain.lookup(index, key);
    }) as View['lookup'],
    derive: (<V>(derivation: Derivation<V>, key: string): V =>
      derivation.compute(view, key)) as View['derive'],
    pods: (labels, namespace) => {
      note('Pod');
      return plain.pods(labels, namespace);
    },
    hasPod: (labels, namespace) => {
      note('Pod');
      return plain.hasPod(labels, namespace);
    },
    namespace: (name) => plain.get(note('Namespace') as 'Namespace', '', name),
    mesh: () => {
      note('MeshConfig');
      return plain.mesh();
    },
    meshNetworks: () => {
      note('MeshNetworks');
      return plain.meshNetworks();
    },
  };
  return view;
}

describe.each(allRules.map((rule): [string, Rule] => [rule.id, rule]))('%s', (_, rule) => {
  it('asks for no kinds but those it declares', () => {
    const asked = new Set<KindName>();
    for (const example of rule.examples) {
      const snapshot = exampleSnapshot(example);
      const view = listeningView(snapshot, rule.parity === 'only', asked);
      for (const resource of resourcesOf(snapshot)) {
        if (rule.kinds.includes(resource.kind)) rule.check(resource, view, () => {});
      }
    }
    const declared = new Set<KindName>([...rule.kinds, ...rule.reads]);
    expect([...asked].filter((kind) => !declared.has(kind))).toEqual([]);
  });
});
