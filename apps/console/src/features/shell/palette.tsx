'use client';

import { Dialog } from '@base-ui/react/dialog';
import { useQueries, useQuery } from '@tanstack/react-query';
import { Command } from 'cmdk';
import {
  Activity,
  Boxes,
  Cable,
  FileText,
  FolderKanban,
  KeyRound,
  type LucideIcon,
  Moon,
  Plus,
  Server,
  Sun,
  User,
  UserPlus,
  Waypoints,
} from 'lucide-react';
import { useParams, useRouter } from 'next/navigation';
import { type ReactNode, useState } from 'react';
import { operationName } from '@/features/operations/progress.ts';
import { paths } from '@/lib/paths.ts';
import { useRefusal } from '@/lib/session.tsx';
import { themeStore } from '@/lib/theme.ts';
import { useTRPC } from '@/lib/trpc.tsx';
import { paletteScore } from './palette-score.ts';
import { navGroups } from './nav.ts';

interface Entry {
  id: string;
  icon: LucideIcon;
  label: string;
  hint?: string | undefined;
  disabledReason?: string | undefined;
  run: () => void;
}

/** Policies are searched in at most this many meshes. */
const maxMeshesSearched = 20;

function useResources(go: (to: string) => void): Entry[] {
  const trpc = useTRPC();
  const meshes = useQuery(trpc.mesh.list.queryOptions({ limit: 500 }));
  const clusters = useQuery(trpc.cluster.list.queryOptions({ limit: 500 }));
  const projects = useQuery(trpc.project.list.queryOptions({ limit: 200 }));
  const members = useQuery(trpc.member.list.queryOptions({ limit: 200 }));
  const operations = useQuery(trpc.operation.list.queryOptions({ limit: 30 }));
  const policies = useQueries({
    queries: (meshes.data?.items ?? [])
      .slice(0, maxMeshesSearched)
      .map((mesh) => trpc.policy.list.queryOptions({ meshId: mesh.id, limit: 200 })),
  });
  const meshName = new Map(meshes.data?.items.map((mesh) => [mesh.id, mesh.name]));
  return [
    ...(meshes.data?.items ?? []).map((mesh) => ({
      id: mesh.id,
      icon: Boxes,
      label: mesh.name,
      hint: `Mesh · ${mesh.status}`,
      run: () => go(paths.mesh(mesh.id)),
    })),
    ...(clusters.data?.items ?? []).map((cluster) => ({
      id: cluster.id,
      icon: Server,
      label: cluster.name,
      hint: `Cluster · ${cluster.state}`,
      run: () => go(paths.cluster(cluster.id)),
    })),
    ...policies
      .flatMap((each) => each.data?.items ?? [])
      .map((policy) => ({
        id: policy.id,
        icon: FileText,
        label: policy.name,
        hint: `${policy.kind} in ${policy.namespace} · ${meshName.get(policy.meshId) ?? ''}`,
        run: () => go(paths.policy(policy.meshId, policy.id)),
      })),
    ...(projects.data?.items ?? []).map((project) => ({
      id: project.id,
      icon: FolderKanban,
      label: project.name,
      hint: 'Project',
      run: () => go(paths.projects()),
    })),
    ...(members.data?.items ?? []).map((member) => ({
      id: member.id,
      icon: User,
      label: member.name,
      hint: `Member · ${member.email}`,
      run: () => go(paths.members()),
    })),
    ...(operations.data?.items ?? []).map((operation) => ({
      id: operation.id,
      icon: Activity,
      label: operationName(operation),
      hint: `Operation · ${operation.state}`,
      run: () => go(paths.operation(operation.id)),
    })),
  ];
}

function useActions(go: (to: string) => void): Entry[] {
  const refusal = useRefusal();
  const { meshId } = useParams<{ meshId?: string }>();
  return [
    {
      id: 'do-mesh',
      icon: Plus,
      label: 'Create a mesh',
      disabledReason: refusal('mesh.write'),
      run: () => go(paths.meshCreate()),
    },
    {
      id: 'do-join',
      icon: Plus,
      label: 'Join a cluster',
      disabledReason: refusal('cluster.write'),
      run: () => go(paths.clusterJoin()),
    },
    ...(meshId
      ? [
          {
            id: 'do-policy',
            icon: Plus,
            label: 'Write a policy for this mesh',
            disabledReason: refusal('policy.write'),
            run: () => go(paths.policyCreate(meshId)),
          },
          {
            id: 'do-waypoint',
            icon: Plus,
            label: 'Ask for a waypoint in this mesh',
            disabledReason: refusal('mesh.write'),
            run: () => go(paths.waypointCreate(meshId)),
          },
          {
            id: 'go-waypoints',
            icon: Waypoints,
            label: 'Waypoints of this mesh',
            hint: 'Go to',
            run: () => go(paths.meshWaypoints(meshId)),
          },
          {
            id: 'go-waypoint-pools',
            icon: Waypoints,
            label: 'Waypoint pools of this mesh',
            hint: 'Go to',
            run: () => go(paths.meshWaypointPools(meshId)),
          },
        ]
      : []),
    {
      id: 'do-invite',
      icon: UserPlus,
      label: 'Invite a member',
      disabledReason: refusal('member.write'),
      run: () => go(`${paths.members()}?invite=1`),
    },
    {
      id: 'do-token',
      icon: KeyRound,
      label: 'Create an API token',
      disabledReason: refusal('token.write'),
      run: () => go(`${paths.tokens()}?create=1`),
    },
    {
      id: 'do-integration',
      icon: Cable,
      label: 'Connect a server of metrics or traces',
      disabledReason: refusal('integration.write'),
      run: () => go(`${paths.integrations()}?create=1`),
    },
    { id: 'do-light', icon: Sun, label: 'Use the light theme', run: () => themeStore.set('light') },
    { id: 'do-dark', icon: Moon, label: 'Use the dark theme', run: () => themeStore.set('dark') },
  ];
}

function Group(props: { heading: string; entries: Entry[]; close: () => void }) {
  if (props.entries.length === 0) return null;
  return (
    <Command.Group
      heading={props.heading}
      className="[&_[cmdk-group-heading]]:px-3 [&_[cmdk-group-heading]]:pt-2 [&_[cmdk-group-heading]]:pb-1 [&_[cmdk-group-heading]]:text-xs [&_[cmdk-group-heading]]:font-medium [&_[cmdk-group-heading]]:text-ink-3"
    >
      {props.entries.map((entry) => (
        <Command.Item
          key={entry.id}
          value={`${entry.label} ${entry.hint ?? ''} ${entry.id}`}
          disabled={Boolean(entry.disabledReason)}
          onSelect={() => {
            props.close();
            entry.run();
          }}
          className="mx-1 flex min-h-8 cursor-default items-center gap-2.5 rounded-md px-2 py-1 text-sm aria-disabled:text-ink-3 aria-selected:bg-hover"
        >
          <entry.icon size={15} className="shrink-0 text-ink-3" aria-hidden="true" />
          <span className="min-w-0 grow truncate">{entry.label}</span>
          <span className="max-w-[50%] shrink-0 truncate text-xs text-ink-3">
            {entry.disabledReason ?? entry.hint}
          </span>
        </Command.Item>
      ))}
    </Command.Group>
  );
}

const Key = ({ children }: { children: ReactNode }) => (
  <kbd className="rounded border border-line px-1 font-mono text-2xs">{children}</kbd>
);

/** Command palette: go to a page, do something, find a resource by its name. */
export function Palette(props: { open: boolean; onOpenChange: (open: boolean) => void }) {
  return (
    <Dialog.Root open={props.open} onOpenChange={props.onOpenChange}>
      <Dialog.Portal>
        <Dialog.Backdrop className="fixed inset-0 z-50 bg-scrim" />
        <Dialog.Popup className="fixed top-[12vh] left-1/2 z-50 w-[calc(100vw-24px)] max-w-xl -translate-x-1/2 overflow-hidden rounded-xl border border-line-strong bg-raised shadow-pop outline-none">
          <Dialog.Title className="sr-only">Search or do</Dialog.Title>
          <PaletteBody close={() => props.onOpenChange(false)} />
        </Dialog.Popup>
      </Dialog.Portal>
    </Dialog.Root>
  );
}

function PaletteBody({ close }: { close: () => void }) {
  const router = useRouter();
  const [text, setText] = useState('');
  const go = (to: string) => router.push(to);
  const resources = useResources(go);
  const actions = useActions(go);
  const pages: Entry[] = navGroups.flatMap((group) =>
    group.items.map((item) => ({
      id: item.href,
      icon: item.icon,
      label: item.label,
      hint: 'Go to',
      run: () => go(item.href),
    })),
  );
  return (
    <Command label="Search or do" loop filter={paletteScore}>
      <Command.Input
        autoFocus
        value={text}
        onValueChange={setText}
        placeholder="Search a resource, a page or something to do"
        className="h-12 w-full border-b border-line bg-transparent px-4 text-base outline-none"
      />
      <Command.List aria-label="Results" className="max-h-[min(420px,60vh)] overflow-y-auto pb-2">
        <Command.Empty className="px-4 py-8 text-center text-sm text-ink-3">
          Nothing is called “{text}”.
        </Command.Empty>
        {text ? <Group heading="Resources" entries={resources} close={close} /> : null}
        <Group heading="Do" entries={actions} close={close} />
        <Group heading="Go to" entries={pages} close={close} />
        {text ? null : <Group heading="Resources" entries={resources.slice(0, 8)} close={close} />}
      </Command.List>
      <p className="flex gap-3 border-t border-line px-4 py-2 text-xs text-ink-3 max-md:hidden">
        <span>
          <Key>↑</Key> <Key>↓</Key> choose
        </span>
        <span>
          <Key>Enter</Key> open
        </span>
        <span>
          <Key>Esc</Key> close
        </span>
      </p>
    </Command>
  );
}
