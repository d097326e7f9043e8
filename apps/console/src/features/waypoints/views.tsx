'use client';

import Link from 'next/link';
import { usePathname } from 'next/navigation';
import { useMesh } from '@/features/meshes/mesh-layout.tsx';
import { cn } from '@/lib/cn.ts';
import { paths } from '@/lib/paths.ts';

/** What there is to see of waypoints: each of them, and the pools they are of. */
export function WaypointViews() {
  const mesh = useMesh();
  const here = usePathname();
  const views = [
    [paths.meshWaypoints(mesh.id), 'Waypoints'],
    [paths.meshWaypointPools(mesh.id), 'Pools'],
  ] as const;
  return (
    <nav aria-label="Waypoints" className="mb-4">
      <ul className="flex flex-wrap gap-1">
        {views.map(([href, label]) => (
          <li key={href}>
            <Link
              href={href}
              aria-current={here === href ? 'page' : undefined}
              className={cn(
                'inline-flex h-7 items-center rounded-md px-2.5 text-sm text-ink-2 hover:bg-hover',
                here === href && 'bg-accent-soft font-medium text-ink',
              )}
            >
              {label}
            </Link>
          </li>
        ))}
      </ul>
    </nav>
  );
}
