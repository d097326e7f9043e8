'use client';

import { useQuery } from '@tanstack/react-query';
import { Check, ChevronsUpDown } from 'lucide-react';
import { useParams, usePathname } from 'next/navigation';
import { cn } from '@/lib/cn.ts';
import { chooseOrganisation } from '@/lib/organisation.ts';
import { paths } from '@/lib/paths.ts';
import { useMe } from '@/lib/session.tsx';
import { useTRPC } from '@/lib/trpc.tsx';
import { Mark } from '@/ui/mark.tsx';
import { Menu, MenuGroup, MenuItem } from '@/ui/menu.tsx';
import { NavLink } from '@/ui/nav-link.tsx';
import { StatusIcon, statusWord } from '@/ui/status.tsx';
import { isHere, navGroups } from './nav.ts';

function OrganisationSwitcher() {
  const me = useMe();
  return (
    <Menu
      align="start"
      className="w-60"
      trigger={
        <button
          type="button"
          className="flex h-10 w-full min-w-0 items-center gap-2.5 rounded-md px-2 text-left hover:bg-hover"
        >
          <span className="shrink-0 text-accent">
            <Mark size={22} />
          </span>
          <span className="min-w-0 grow">
            <span className="block truncate text-sm leading-4 font-semibold">
              <span className="sr-only">Organisation </span>
              {me.organisation.name}
            </span>
            <span className="block truncate text-2xs leading-4 text-ink-3">Ambit · {me.role}</span>
          </span>
          <ChevronsUpDown size={14} className="shrink-0 text-ink-3" aria-hidden="true" />
        </button>
      }
    >
      <MenuGroup label="Organisations">
        {me.organisations.map((each) => (
          <MenuItem
            key={each.id}
            icon={
              <Check
                size={14}
                aria-hidden="true"
                className={each.id === me.organisation.id ? 'text-accent' : 'invisible'}
              />
            }
            onSelect={() => {
              if (each.id === me.organisation.id) return;
              chooseOrganisation(each.id);
              window.location.assign(paths.home());
            }}
          >
            {each.name} <span className="text-xs text-ink-3">{each.role}</span>
          </MenuItem>
        ))}
      </MenuGroup>
    </Menu>
  );
}

/** The mesh in view, under the entry of all meshes. */
function MeshInView({ id, onGo }: { id: string; onGo?: () => void }) {
  const trpc = useTRPC();
  const mesh = useQuery(trpc.mesh.get.queryOptions({ meshId: id }));
  if (!mesh.data) return null;
  return (
    <NavLink
      href={paths.mesh(id)}
      {...(onGo ? { onClick: onGo } : {})}
      className="ml-4 flex h-7 min-w-0 items-center gap-2 rounded-md border-l border-line pr-2 pl-3 text-ink-2 hover:bg-hover hover:text-ink"
    >
      <StatusIcon status={mesh.data.status} size={13} />
      <span className="truncate">{mesh.data.name}</span>
      <span className="sr-only">{statusWord(mesh.data.status)}</span>
    </NavLink>
  );
}

/** Left rail: organisation, then every place of the console. */
export function Rail({ onGo }: { onGo?: () => void }) {
  const path = usePathname();
  const { meshId } = useParams<{ meshId?: string }>();
  return (
    <div className="flex h-full flex-col gap-1 p-2">
      <OrganisationSwitcher />
      <nav aria-label="Main" className="mt-1 flex grow flex-col gap-4 overflow-y-auto">
        {navGroups.map((group) => (
          <div key={group.label ?? 'main'}>
            {group.label ? (
              <p className="px-2 pb-1 text-2xs font-medium text-ink-3">{group.label}</p>
            ) : null}
            <ul className="flex flex-col gap-px">
              {group.items.map((item) => {
                const here = isHere(item.href, path);
                return (
                  <li key={item.href}>
                    <NavLink
                      href={item.href}
                      {...(onGo ? { onClick: onGo } : {})}
                      aria-current={here ? 'page' : undefined}
                      className={cn(
                        'flex h-8 items-center gap-2.5 rounded-md px-2 transition-colors',
                        here
                          ? 'bg-hover font-medium text-ink'
                          : 'text-ink-2 hover:bg-hover hover:text-ink',
                      )}
                    >
                      <item.icon
                        size={15}
                        aria-hidden="true"
                        className={here ? 'text-accent' : 'text-ink-3'}
                      />
                      {item.label}
                    </NavLink>
                    {item.href === paths.meshes() && meshId ? (
                      <div className="mt-px">
                        <MeshInView id={meshId} {...(onGo ? { onGo } : {})} />
                      </div>
                    ) : null}
                  </li>
                );
              })}
            </ul>
          </div>
        ))}
      </nav>
    </div>
  );
}
