export type Theme = 'system' | 'light' | 'dark';

const key = 'ambit.theme';

/** Runs before the first paint, so that the page never flashes in the wrong theme. */
export const themeScript = `(function(){try{var t=localStorage.getItem('${key}');var d=t==='dark'||(t!=='light'&&matchMedia('(prefers-color-scheme: dark)').matches);document.documentElement.dataset.theme=d?'dark':'light'}catch(e){}})()`;

const listeners = new Set<() => void>();

export const themeStore = {
  get: (): Theme => {
    const value = localStorage.getItem(key);
    return value === 'dark' || value === 'light' ? value : 'system';
  },
  getServer: (): Theme => 'system',
  set: (theme: Theme) => {
    if (theme === 'system') localStorage.removeItem(key);
    else localStorage.setItem(key, theme);
    applyTheme();
    for (const listener of listeners) listener();
  },
  subscribe: (listener: () => void) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  },
};

export const isDark = (): boolean => document.documentElement.dataset['theme'] === 'dark';

/** Sets the document to the chosen theme, or the system's. */
export function applyTheme(): void {
  const theme = themeStore.get();
  const dark =
    theme === 'dark' ||
    (theme === 'system' && window.matchMedia('(prefers-color-scheme: dark)').matches);
  document.documentElement.dataset['theme'] = dark ? 'dark' : 'light';
}
