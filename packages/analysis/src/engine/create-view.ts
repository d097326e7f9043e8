import type { KindName } from '../kinds.ts';
import type { Resource } from '../resource.ts';
import { isEmptySelector, ofSelectionKey, selectionKey, selects } from '../selector.ts';
import { defineDerivation } from '../view.ts';
import type { Derivation, Selector, View } from '../view.ts';
import type { Cell, Reader, Tracker } from './graph.ts';
import { createReader, detach, hasChanged } from './graph.ts';
import { byName, byNamespace, podsByLabel } from './indexes.ts';
import type { Bucket, Store } from './store.ts';

export type ViewOptions = { parity: boolean; istioNamespace: string; certificateDays: number };

type Derived = Cell & { value: unknown; reader: Reader };

const podExists = defineDerivation({
  name: 'pod exists',
  compute: (view, key) => {
    const { namespace, selector } = ofSelectionKey(key);
    return view.pods(selector, namespace).length > 0;
  },
});

/** The view of a store; with a tracker, every answer is noted as a dependency of the running check. */
export function createView(
  store: Store,
  options: ViewOptions,
  clock: Cell & { now: number },
  tracker: Tracker | undefined,
): View {
  const derived = new Map<object, Map<string, Derived>>();

  const items = (bucket: Bucket): readonly Resource[] => {
    tracker?.read(bucket);
    return bucket.items;
  };
  const lookup = ((index, key) => items(store.lookup(index as never, key))) as View['lookup'];

  const pods = (selector: Selector, namespace?: string): readonly Resource<'Pod'>[] => {
    if (isEmptySelector(selector)) {
      const bucket =
        namespace === undefined ? store.ofKind('Pod') : store.lookup(byNamespace('Pod'), namespace);
      return items(bucket) as readonly Resource<'Pod'>[];
    }
    const scope = namespace === undefined ? '' : `${namespace}|`;
    let rarest: Bucket | undefined;
    let count = 0;
    for (const [key, value] of selector instanceof Map
      ? selector
      : Object.entries(selector ?? {})) {
      const bucket = store.lookup(podsByLabel as never, `${scope}${key}=${value}`);
      if (!rarest || bucket.items.length < rarest.items.length) rarest = bucket;
      if (bucket.items.length === 0) break;
      count += 1;
    }
    const found = items(rarest as Bucket) as readonly Resource<'Pod'>[];
    if (count === 1 || found.length === 0) return found;
    return found.filter(({ labels }) => selects(selector, labels));
  };

  const derive = <V>(derivation: Derivation<V>, key: string): V => {
    let byKey = derived.get(derivation);
    if (!byKey) derived.set(derivation, (byKey = new Map()));
    let cell = byKey.get(key);
    if (!cell) {
      cell = createDerived(derivation, key, () => byKey.delete(key));
      byKey.set(key, cell);
    } else cell.refresh?.();
    tracker?.read(cell);
    return cell.value as V;
  };

  const createDerived = <V>(
    derivation: Derivation<V>,
    key: string,
    forget: () => void,
  ): Derived => {
    const cell: Derived = {
      version: 0,
      readers: undefined,
      value: undefined,
      reader: createReader(),
    };
    cell.reader.cell = cell;
    const compute = (): V => derivation.compute(view, key);
    if (!tracker) {
      cell.value = compute();
      return cell;
    }
    const isEqual = derivation.isEqual ?? Object.is;
    cell.value = tracker.run(cell.reader, compute);
    cell.refresh = () => {
      if (!cell.reader.isStale) return;
      if (!hasChanged(cell.reader)) {
        cell.reader.isStale = false;
        return;
      }
      const value = tracker.run(cell.reader, compute);
      if (isEqual(cell.value as V, value)) return;
      cell.value = value;
      cell.version += 1;
    };
    cell.release = () => {
      forget();
      const { cells } = cell.reader;
      cell.reader.cells = [];
      detach(cell.reader, cells);
    };
    return cell;
  };

  const get = <K extends KindName>(kind: K, namespace: string, name: string) =>
    items(store.lookup(byName(kind), `${namespace}/${name}`))[0] as Resource<K> | undefined;

  /** Buckets stay what they are for the life of a store, and every check of a pod asks for its namespace. */
  const namespaces = new Map<string, Bucket>();
  const namespaceOf = (name: string): Resource<'Namespace'> | undefined => {
    let bucket = namespaces.get(name);
    if (!bucket) namespaces.set(name, (bucket = store.lookup(byName('Namespace'), `/${name}`)));
    return items(bucket)[0] as Resource<'Namespace'> | undefined;
  };

  const view: View = {
    parity: options.parity,
    certificateDays: options.certificateDays,
    now: () => {
      tracker?.read(clock);
      return clock.now;
    },
    get,
    list: ((kind) => items(store.ofKind(kind))) as View['list'],
    inNamespace: ((kind, namespace) =>
      items(store.lookup(byNamespace(kind), namespace))) as View['inNamespace'],
    lookup,
    derive,
    pods,
    hasPod: (selector, namespace) => derive(podExists, selectionKey(namespace, selector)),
    namespace: namespaceOf,
    mesh: () => get('MeshConfig', options.istioNamespace, 'meshconfig')?.spec ?? {},
    meshNetworks: () => get('MeshNetworks', options.istioNamespace, 'meshnetworks')?.spec ?? {},
  };
  return view;
}
