import { istioLabels } from '@ambit/topology/testing/labels';
import { expect, test } from 'vitest';
import { historyOf, type HistoryRow } from './history.ts';
import { linkNamer } from './link.ts';

const row = (metric: HistoryRow['metric'], values: (number | undefined)[]): HistoryRow => ({
  metric,
  labels: istioLabels({ reporter: 'destination', from: 'web', to: 'cart' }),
  values,
  scope: null,
});

test('bytes are null where traffic has none, for then nobody tells them, and 0 where nothing moves', () => {
  const requests = row('requests', [2, 0, undefined, 4]);
  const alone = historyOf([requests], 4);
  expect(alone.requestBytes).toEqual([null, 0, null, null]);
  expect(alone.responseBytes).toEqual([null, 0, null, null]);
  const told = historyOf([requests, row('responseBytes', [100, 0, undefined, undefined])], 4);
  expect(told.requestBytes).toEqual([0, 0, null, null]);
  expect(told.responseBytes).toEqual([100, 0, null, null]);
});

test('what proxies tell of the same links are alternatives, and links that others tell of add up', () => {
  const told = (link: string, reporter: 'source' | 'waypoint', rate: number): HistoryRow => ({
    ...row('requests', [rate]),
    labels: istioLabels({ reporter, from: 'web', to: 'cart' }),
    link,
  });
  const rows = [
    told('source,waypoint', 'source', 16),
    told('source,waypoint', 'waypoint', 16),
    told('waypoint', 'waypoint', 30),
  ];
  expect(historyOf(rows, 1).rate).toEqual([46]);
  // Without knowing whose they are, one teller is believed.
  const unknown = rows.map((each) => ({ ...each, link: '' }));
  expect(historyOf(unknown, 1).rate).not.toEqual([62]);
});

test('a call from one cluster into another is counted once, by whichever names their sources tell of it', () => {
  const labels = (reporter: string, more: Record<string, string>) => ({
    ...istioLabels({ reporter, from: 'web', to: 'cart' }),
    ...more,
  });
  // Each source calls its own cluster as it likes.
  const east = linkNamer('east', (label) => (['', 'Kubernetes'].includes(label) ? 'east' : label));
  const west = linkNamer('west', (label) => (['', 'Kubernetes'].includes(label) ? 'west' : label));
  const asked = labels('source', { source_cluster: 'Kubernetes', destination_cluster: 'west' });
  const answered = labels('destination', { source_cluster: 'east', destination_cluster: '' });
  const told = (scope: string, of: Record<string, string>, link: string): HistoryRow => ({
    metric: 'requests',
    labels: of,
    values: [8],
    scope,
    link,
  });
  expect(east(asked)).toBe(west(answered));
  expect(east(asked)).not.toBe(east({ ...asked, source_workload: 'other' }));
  const rows = [told('clu_east', asked, east(asked)), told('clu_west', answered, west(answered))];
  expect(historyOf(rows, 1).rate).toEqual([8]);
});
