import { expect, it } from 'vitest';
import { pathOfId, paths, safeNext } from './paths.ts';

it('builds every address as before', () => {
  const made = Object.fromEntries(
    Object.entries(paths).map(([name, build]) => [
      name,
      (build as (...args: string[]) => string)(
        ...(name === 'audit' || name === 'findings' ? [] : ['ID', 'SUB']),
      ),
    ]),
  );
  expect(made).toMatchInlineSnapshot(`
    {
      "accept": "/accept/ID",
      "alert": "/alerts/ID",
      "alertDeliveries": "/alerts/deliveries?route=ID",
      "alertRoutes": "/alerts/routes",
      "alertRules": "/alerts/rules",
      "alertSilences": "/alerts/silences",
      "alerts": "/alerts",
      "audit": "/audit",
      "cluster": "/clusters/ID",
      "clusterJoin": "/clusters?join=1",
      "clusters": "/clusters",
      "directObject": "/meshes/ID/policies/direct/SUB",
      "finding": "/meshes/ID/findings/SUB",
      "findings": "/findings",
      "home": "/",
      "integrations": "/integrations",
      "members": "/members",
      "mesh": "/meshes/ID",
      "meshAmbientNodes": "/meshes/ID/enrolment/nodes",
      "meshCreate": "/meshes/new",
      "meshEnrolment": "/meshes/ID/enrolment",
      "meshFindings": "/meshes/ID/findings",
      "meshGuard": "/meshes/ID/enrolment/guard",
      "meshL4": "/meshes/ID/enrolment/l4",
      "meshOperations": "/meshes/ID/operations",
      "meshPath": "/meshes/ID/enrolment/path",
      "meshPolicies": "/meshes/ID/policies",
      "meshProxies": "/meshes/ID/proxies",
      "meshServices": "/meshes/ID/services",
      "meshSettings": "/meshes/ID/settings",
      "meshTopology": "/meshes/ID/topology",
      "meshTraces": "/meshes/ID/traces?service=SUB",
      "meshWaypointPools": "/meshes/ID/waypoints/pools?edit=SUB",
      "meshWaypoints": "/meshes/ID/waypoints",
      "meshWorkloads": "/meshes/ID/workloads",
      "meshes": "/meshes",
      "objective": "/meshes/ID/objectives/SUB",
      "objectives": "/objectives",
      "operation": "/operations/ID",
      "operations": "/operations",
      "policy": "/meshes/ID/policies/SUB",
      "policyCreate": "/meshes/ID/policies/new",
      "policyHistory": "/meshes/ID/policies/SUB/history",
      "policyLine": "/meshes/ID/policies/SUB?line=undefined",
      "projects": "/projects",
      "proxy": "/meshes/ID/proxies/SUB/undefined/undefined",
      "releases": "/releases",
      "rule": "/rules/ID",
      "rules": "/rules",
      "service": "/meshes/ID/services/SUB/undefined",
      "settings": "/settings",
      "signIn": "/sign-in?next=ID",
      "tokens": "/tokens",
      "topology": "/topology",
      "trace": "/meshes/ID/traces/SUB",
      "waypoint": "/meshes/ID/waypoints/SUB/undefined/undefined",
      "waypointCreate": "/meshes/ID/waypoints?create=1",
      "workload": "/meshes/ID/workloads/SUB/undefined",
    }
  `);
  expect(paths.audit({ target: 'msh_1', action: 'mesh.create' })).toBe(
    '/audit?target=msh_1&action=mesh.create',
  );
});

it.each([
  [null, '/'],
  ['/meshes?sort=name', '/meshes?sort=name'],
  ['//evil.example', '/'],
  ['https://evil.example', '/'],
  ['/\\evil.example', '/'],
  ['/sign-in', '/'],
])('sends %s to %s after signing in', (next, to) => {
  expect(safeNext(next)).toBe(to);
});

it('finds the page of a resource by its id', () => {
  expect(pathOfId('msh_01')).toBe('/meshes/msh_01');
  expect(pathOfId('tok_01')).toBeNull();
});
