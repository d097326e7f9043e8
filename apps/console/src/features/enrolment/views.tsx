'use client';

import Link from 'next/link';
import { usePathname } from 'next/navigation';
import { useMesh } from '@/features/meshes/mesh-layout.tsx';
import { cn } from '@/lib/cn.ts';
import { paths } from '@/lib/paths.ts';

/** What there is to see of enrolment: who is in, what a pair gets, what guards L7 policies. */
export function EnrolmentViews() {
  const mesh = useMesh();
  const here = usePathname();
  const views = [
    [paths.meshEnrolment(mesh.id), 'Who is in'],
    [paths.meshPath(mesh.id), 'Pairs and paths'],
    [paths.meshGuard(mesh.id), 'Guard'],
    [paths.meshL4(mesh.id), 'L4 by namespace'],
    ...(mesh.profile === 'ambient' ? [[paths.meshAmbientNodes(mesh.id), 'Nodes'] as const] : []),
  ] as const;
  return (
    <nav aria-label="Enrolment" className="mb-4">
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
