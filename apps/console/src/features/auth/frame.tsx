import type { ReactNode } from 'react';
import { Mark } from '@/ui/mark.tsx';

/** The quiet page around sign-in and invitations. */
export function AuthFrame({
  title,
  text,
  children,
}: {
  title: string;
  text?: ReactNode;
  children: ReactNode;
}) {
  return (
    <main className="flex min-h-dvh flex-col items-center justify-center px-4 py-10">
      <div className="w-full max-w-[360px]">
        <div className="mb-6 flex items-center gap-2.5">
          <span className="text-accent">
            <Mark size={30} />
          </span>
          <span className="text-lg font-semibold tracking-[-0.01em]">Ambit</span>
        </div>
        <h1 className="text-xl font-semibold tracking-[-0.01em]">{title}</h1>
        {text ? <p className="mt-1 text-ink-2">{text}</p> : null}
        <div className="mt-5">{children}</div>
      </div>
    </main>
  );
}
