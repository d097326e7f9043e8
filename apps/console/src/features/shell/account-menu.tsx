'use client';

import { LogOut, Monitor, Moon, Sun } from 'lucide-react';
import { useSyncExternalStore } from 'react';
import { requestJson } from '@/lib/errors.ts';
import { chooseOrganisation } from '@/lib/organisation.ts';
import { paths } from '@/lib/paths.ts';
import { useMe } from '@/lib/session.tsx';
import { type Theme, themeStore } from '@/lib/theme.ts';
import { Menu, MenuChoice, MenuItem, MenuSeparator } from '@/ui/menu.tsx';
import { notify } from '@/ui/toast.ts';

export const themeOptions: { value: Theme; label: string; icon: React.ReactNode }[] = [
  { value: 'system', label: 'As the system', icon: <Monitor size={14} aria-hidden="true" /> },
  { value: 'light', label: 'Light', icon: <Sun size={14} aria-hidden="true" /> },
  { value: 'dark', label: 'Dark', icon: <Moon size={14} aria-hidden="true" /> },
];

export const useTheme = (): Theme =>
  useSyncExternalStore(themeStore.subscribe, themeStore.get, themeStore.getServer);

async function signOut() {
  try {
    await requestJson('/auth/sign-out', { method: 'POST', body: '{}' });
    chooseOrganisation(null);
    window.location.assign(paths.signIn());
  } catch (error) {
    notify.failed('Could not sign out', error);
  }
}

export function AccountMenu() {
  const me = useMe();
  const theme = useTheme();
  const initials = me.actor.name
    .split(/[\s@.]+/)
    .slice(0, 2)
    .map((word) => word.charAt(0).toUpperCase())
    .join('');
  return (
    <Menu
      trigger={
        <button
          type="button"
          aria-label={`Account of ${me.actor.name}`}
          className="inline-flex size-8 items-center justify-center rounded-full border border-line-strong bg-surface text-2xs font-semibold text-ink-2 hover:bg-hover hover:text-ink"
        >
          {initials}
        </button>
      }
    >
      <div className="px-2 py-1.5">
        <p className="truncate text-sm font-medium">{me.actor.name}</p>
        <p className="truncate text-xs text-ink-3">
          {me.actor.email ?? me.actor.id} · {me.role}
        </p>
      </div>
      <MenuSeparator />
      <MenuChoice label="Theme" value={theme} onChange={themeStore.set} options={themeOptions} />
      <MenuSeparator />
      <MenuItem icon={<LogOut size={14} aria-hidden="true" />} onSelect={() => void signOut()}>
        Sign out
      </MenuItem>
    </Menu>
  );
}
