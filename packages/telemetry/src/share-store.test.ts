import { istioLabels } from '@ambit/topology/testing/labels';
import { createTelemetryStore, type TelemetryStore } from '@ambit/topology/store/telemetry-store';
import { describe, expect, test } from 'vitest';
import { shareStore } from './share-store.ts';

function seriesOf(store: TelemetryStore, from: string, to: string): number {
  const labels: Record<string, string> = istioLabels({ reporter: 'source', from, to });
  const label = (name: string) => labels[name];
  const { registry } = store;
  const source = registry.endpoint('source', label);
  const destination = registry.endpoint('destination', label);
  return store.series(
    'requests',
    source,
    registry.service(label),
    destination,
    registry.facet(label),
  );
}

const ratesOf = ({ links }: TelemetryStore) =>
  links.map(({ signals }) => signals.find((each) => each !== null)?.requests ?? null);

function begin() {
  const store = createTelemetryStore('c1');
  const [one, two] = [shareStore(store, 0), shareStore(store, 1)];
  const tell = (shared: TelemetryStore, from: string, to: string, rate: number, part?: number) =>
    shared.add(seriesOf(shared, from, to), rate, part);
  return { store, one, two, tell };
}

describe('sources that share a store', () => {
  test('replace only what they told themselves, whatever their parts are called', () => {
    const { store, one, two, tell } = begin();
    one.begin();
    tell(one, 'a', 'b', 1, 7);
    one.commit();
    two.begin();
    tell(two, 'c', 'd', 2, 7);
    expect(two.commit()).toEqual([1]);
    expect(ratesOf(store)).toEqual([1, 2]);
    one.begin();
    expect(one.commit()).toEqual([0]);
    expect(ratesOf(store)).toEqual([null, 2]);
  });

  test('may have rounds that overlap', () => {
    const { store, one, two, tell } = begin();
    one.begin();
    tell(one, 'a', 'b', 1);
    two.begin();
    tell(two, 'c', 'd', 2);
    two.commit();
    tell(one, 'a', 'e', 3);
    one.commit();
    expect(ratesOf(store)).toEqual([1, 2, 3]);
  });

  test('keep what a part that was not answered told before', () => {
    const { store, one, two, tell } = begin();
    one.begin();
    tell(one, 'a', 'b', 1, 3);
    tell(one, 'a', 'e', 1, 4);
    one.commit();
    two.begin();
    two.commit();
    one.begin();
    one.commit((part) => part === 3);
    expect(ratesOf(store)).toEqual([1, null]);
  });
});
