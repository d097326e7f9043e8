import { graphWords, groupings as told } from '@ambit/contracts/operations/topology';
import { healths, nodeKinds, protocols, trafficStates } from '@ambit/topology/model';
import { groupings } from '@ambit/topology/view/options';
import { expect, it } from 'vitest';

it('the API says of every number in a graph what it stands for', () => {
  expect(graphWords).toEqual({
    kind: nodeKinds,
    health: healths,
    traffic: trafficStates,
    protocol: protocols,
  });
  expect(told).toEqual(groupings);
});
