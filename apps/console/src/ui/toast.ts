import type { toast as Toast } from 'sonner';
import { errorBody, errorText } from '@/lib/errors.ts';

let wanted = false;
const listeners = new Set<() => void>();

/** Whether anything was ever told: the toaster is mounted only then. */
export const toasterWanted = {
  get: () => wanted,
  subscribe: (listener: () => void) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  },
};

async function withToast(tell: (toast: typeof Toast) => void): Promise<void> {
  const { toast } = await import('sonner');
  wanted = true;
  for (const listener of listeners) listener();
  tell(toast);
}

/** Tells in a corner what was done, or what could not be. */
export const notify = {
  done: (title: string, description?: string) =>
    void withToast((toast) => toast.success(title, description ? { description } : {})),
  failed: (title: string, error: unknown) => {
    const { requestId } = errorBody(error);
    const description = `${errorText(error)}${requestId ? ` Request ${requestId}` : ''}`;
    void withToast((toast) => toast.error(title, { description, duration: 12_000 }));
  },
};
