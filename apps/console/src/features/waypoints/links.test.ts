import { expect, it } from 'vitest';
import { waypointHref, waypointLines } from './links.ts';

const mesh = { id: 'msh_1', clusters: [{ id: 'cls_1', name: 'east' }] };
const waypoint = { namespace: 'shop', name: 'waypoint' };

it('leads to the waypoint in its cluster, and to the list when the cluster is not of the mesh', () => {
  expect(waypointHref(mesh, { ...waypoint, cluster: 'east' })).toBe(
    '/meshes/msh_1/waypoints/cls_1/shop/waypoint',
  );
  expect(waypointHref(mesh, { ...waypoint, cluster: 'gone' })).toBe('/meshes/msh_1/waypoints');
});

it('tells in which clusters a waypoint is used, and why it does not serve', () => {
  expect(
    waypointLines('msh_1', [
      { clusterId: 'cls_1', clusterName: 'east', waypoint: { ...waypoint, ready: true, why: '' } },
      { clusterId: 'cls_2', clusterName: 'west', waypoint: null },
      {
        clusterId: 'cls_3',
        clusterName: 'north',
        waypoint: { ...waypoint, ready: false, why: 'it has no ready pods' },
      },
    ]),
  ).toEqual([
    {
      key: 'cls_1',
      href: '/meshes/msh_1/waypoints/cls_1/shop/waypoint',
      text: 'shop/waypoint in east',
      status: 'Ready',
    },
    {
      key: 'cls_3',
      href: '/meshes/msh_1/waypoints/cls_3/shop/waypoint',
      text: 'shop/waypoint in north: it has no ready pods',
      status: 'Degraded',
    },
  ]);
});
