import {
  Activity,
  BellRing,
  Boxes,
  Cable,
  FolderKanban,
  House,
  Stethoscope,
  KeyRound,
  type LucideIcon,
  PackageOpen,
  ScrollText,
  Server,
  Settings,
  Target,
  Users,
  Waypoints,
} from 'lucide-react';
import { paths } from '@/lib/paths.ts';

export interface NavItem {
  href: string;
  label: string;
  icon: LucideIcon;
}

export const navGroups: { label: string | null; items: NavItem[] }[] = [
  {
    label: null,
    items: [
      { href: paths.home(), label: 'Home', icon: House },
      { href: paths.meshes(), label: 'Meshes', icon: Boxes },
      { href: paths.clusters(), label: 'Clusters', icon: Server },
      { href: paths.topology(), label: 'Topology', icon: Waypoints },
      { href: paths.findings(), label: 'Findings', icon: Stethoscope },
      { href: paths.alerts(), label: 'Alerts', icon: BellRing },
      { href: paths.objectives(), label: 'Objectives', icon: Target },
      { href: paths.operations(), label: 'Operations', icon: Activity },
      { href: paths.releases(), label: 'Releases', icon: PackageOpen },
    ],
  },
  {
    label: 'Access',
    items: [
      { href: paths.members(), label: 'Members', icon: Users },
      { href: paths.tokens(), label: 'Tokens', icon: KeyRound },
      { href: paths.audit(), label: 'Audit', icon: ScrollText },
    ],
  },
  {
    label: 'Organisation',
    items: [
      { href: paths.projects(), label: 'Projects', icon: FolderKanban },
      { href: paths.integrations(), label: 'Integrations', icon: Cable },
      { href: paths.settings(), label: 'Settings', icon: Settings },
    ],
  },
];

/** True when `path` is the page of an entry, or below it. */
export const isHere = (href: string, path: string): boolean =>
  href === '/' ? path === '/' : path === href || path.startsWith(`${href}/`);
