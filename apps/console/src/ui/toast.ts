import { errorBody } from '@/lib/errors.ts';

/** Tells in a corner what was done. The toaster is loaded when first needed. */
export const notify = {
  done: (title: string, description?: string) =>
    void import('sonner').then(({ toast }) =>
      toast.success(title, description ? { description } : {}),
    ),
  failed: (title: string, error: unknown) => {
    const body = errorBody(error);
    const description = [body.message, body.fix, body.requestId && `Request ${body.requestId}`]
      .filter(Boolean)
      .join(' ');
    void import('sonner').then(({ toast }) =>
      toast.error(title, { description, duration: 12_000 }),
    );
  },
};
