import { createIncremental } from '@ambit/analysis/incremental';
import { readObject } from '@ambit/analysis/read-object';
import type { Resource } from '@ambit/analysis/resource';
import { allRules } from '@ambit/analysis/rules/all';
import { seededDice } from '@ambit/analysis/testing/fuzz/dice';
import { quantile } from '../figure.ts';

/** Kinds that people and controllers change the most. */
const changing = [
  'VirtualService',
  'DestinationRule',
  'Service',
  'Pod',
  'AuthorizationPolicy',
  'Gateway',
];

const changes = 2000;
const warmUp = 200;

function edited(resource: Resource, turn: number): Resource {
  const object = structuredClone(resource.object) as {
    metadata: { labels?: Record<string, string> };
    spec: Record<string, unknown>;
  };
  const { spec, metadata } = object;
  switch (resource.kind) {
    case 'Pod':
      metadata.labels = { ...metadata.labels, turn: String(turn) };
      break;
    case 'Service':
      spec['ports'] = [
        { port: turn % 2 === 0 ? 9080 : 9081, name: turn % 3 === 0 ? 'web' : 'http' },
      ];
      break;
    case 'VirtualService':
      spec['hosts'] = [turn % 2 === 0 ? 'reviews' : `other-${turn}.example.com`];
      break;
    case 'DestinationRule':
      spec['subsets'] = [{ name: `v${turn % 4}`, labels: { version: `v${turn % 3}` } }];
      break;
    case 'AuthorizationPolicy':
      spec['selector'] = { matchLabels: { app: turn % 2 === 0 ? 'reviews' : 'nobody' } };
      break;
    default:
      spec['selector'] = { istio: turn % 2 === 0 ? 'ingressgateway' : 'nobody' };
  }
  const read = readObject(object, { cluster: resource.cluster });
  if (!('resource' in read)) throw new Error(`${resource.id} cannot be read after the change`);
  return read.resource;
}

/** The p99 and the median of one change's diagnosis, in milliseconds, over changes of all the usual kinds. */
export function measureIncremental(resources: Resource[]): { p99: number; p50: number } {
  const analysis = createIncremental({ resources }, { rules: allRules, now: Date.now() });
  analysis.findings();
  const subjects = resources.filter(({ kind }) => changing.includes(kind));
  const byKind = changing.map((kind) => subjects.filter((one) => one.kind === kind));
  const dice = seededDice(7);
  const samples: number[] = [];
  for (let turn = 0; turn < changes + warmUp; turn += 1) {
    const list = byKind[turn % byKind.length] ?? [];
    const subject = list[dice(list.length)];
    if (!subject) continue;
    const isRemoval = dice(20) === 0;
    const change = isRemoval ? { remove: subject.id } : { put: edited(subject, turn) };
    const start = performance.now();
    analysis.apply([change]);
    const ms = performance.now() - start;
    if (turn >= warmUp) samples.push(ms);
  }
  return { p99: quantile(samples, 0.99), p50: quantile(samples, 0.5) };
}
