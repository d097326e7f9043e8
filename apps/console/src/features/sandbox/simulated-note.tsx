import type { ReactNode } from 'react';
import { Note } from '@/ui/states.tsx';

/** Says that what the page shows is played by rules, wherever it could be taken for real. */
export function SimulatedNote({ title, action }: { title: string; action?: ReactNode }) {
  return (
    <Note title={title} action={action}>
      Its Kubernetes API and its agent are real; pods, Istio and traffic are played by rules.
      Nothing is pulled, started or sent.
    </Note>
  );
}
