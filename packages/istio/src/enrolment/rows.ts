import type { Bundle } from '@ambit/contracts/agent/bundle';
import type { KubeObject } from '@ambit/contracts/common';
import type { EnrolmentMode } from '@ambit/contracts/agent/protocol';
import { enrolmentLabel, type EnrolledMode } from '../enrolment.ts';
import { useWaypointLabel, useWaypointNamespaceLabel } from './waypoint.ts';

/** What Ambit sets on a namespace; mode `none`: nothing. Empty waypoint: none; empty waypointNamespace: its own. */
export interface NamespaceRow {
  clusterId: string;
  namespace: string;
  mode: 'none' | EnrolledMode;
  waypoint: string;
  waypointNamespace: string;
}

/** A namespace's row without a waypoint. */
export const namespaceRow = (
  clusterId: string,
  namespace: string,
  mode: NamespaceRow['mode'] = 'none',
): NamespaceRow => ({ clusterId, namespace, mode, waypoint: '', waypointNamespace: '' });

/** What Ambit sets on a Service that differs from its namespace; empty waypoint: nothing; `none`: it uses none. */
export interface ServiceRow {
  clusterId: string;
  namespace: string;
  name: string;
  waypoint: string;
  waypointNamespace: string;
}

export interface EnrolmentRows {
  namespaces: NamespaceRow[];
  services: ServiceRow[];
}

/** The mode that a row of a namespace asks for. */
export const modeOfRow = ({ mode, waypoint }: NamespaceRow): EnrolmentMode =>
  mode === 'L4' && waypoint && waypoint !== 'none' ? 'L4+L7' : mode;

type Waypoint = Pick<ServiceRow, 'namespace' | 'waypoint' | 'waypointNamespace'>;

export function waypointLabels(row: Waypoint): Record<string, string> {
  if (row.waypoint === '') return {};
  const elsewhere = row.waypointNamespace !== '' && row.waypointNamespace !== row.namespace;
  return {
    [useWaypointLabel]: row.waypoint,
    ...(elsewhere ? { [useWaypointNamespaceLabel]: row.waypointNamespace } : {}),
  };
}

export function namespaceLabels(row: NamespaceRow): Record<string, string> {
  if (row.mode === 'none') return {};
  const [label, value] = enrolmentLabel[row.mode];
  return { [label]: value, ...(row.mode === 'L4' ? waypointLabels(row) : {}) };
}

/**
 * The labels of a cluster's enrolled namespaces and Services as one bundle that sets fields only: the objects stay their
 * owners', and give the labels up again when they are wanted no more. They carry no label of ours.
 */
export function enrolmentBundle({ namespaces, services }: EnrolmentRows): Bundle {
  const ofNamespaces = namespaces.flatMap((row): KubeObject[] => {
    const labels = namespaceLabels(row);
    if (Object.keys(labels).length === 0) return [];
    return [{ apiVersion: 'v1', kind: 'Namespace', metadata: { name: row.namespace, labels } }];
  });
  const ofServices = services.flatMap((row): KubeObject[] => {
    const labels = waypointLabels(row);
    if (Object.keys(labels).length === 0) return [];
    const { namespace, name } = row;
    return [{ apiVersion: 'v1', kind: 'Service', metadata: { name, namespace, labels } }];
  });
  return {
    format: 1,
    name: 'enrolment',
    ownership: 'fields',
    phases: [
      {
        name: 'namespaces',
        objects: [...ofNamespaces.sort(byName), ...ofServices.sort(byName)],
        wait: 'none',
      },
    ],
    ignore: [],
  };
}

const nameOf = ({ metadata }: KubeObject): string => `${metadata.namespace ?? ''}/${metadata.name}`;
const byName = (a: KubeObject, b: KubeObject): number => (nameOf(a) < nameOf(b) ? -1 : 1);
