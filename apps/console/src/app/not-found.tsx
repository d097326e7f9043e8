import { paths } from '@/lib/paths.ts';
import { ButtonLink } from '@/ui/button.tsx';
import { Mark } from '@/ui/mark.tsx';

export default function NotFound() {
  return (
    <main className="flex min-h-dvh flex-col items-center justify-center gap-3 px-4 text-center">
      <span className="text-accent">
        <Mark size={32} />
      </span>
      <h1 className="text-lg font-semibold">There is no page here</h1>
      <p className="text-ink-2">The address may be mistyped, or what it showed was deleted.</p>
      <ButtonLink href={paths.home()}>Go to the start page</ButtonLink>
    </main>
  );
}
