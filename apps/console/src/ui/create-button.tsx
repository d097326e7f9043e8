import { Plus } from 'lucide-react';
import { Button } from './button.tsx';

interface Props {
  /** Why this person may not. */
  refused: string | undefined;
  onClick: () => void;
  children: string;
}

/** The button of a list that makes a new one. */
export function CreateButton({ refused, onClick, children }: Props) {
  return (
    <Button
      variant="primary"
      icon={<Plus size={15} aria-hidden="true" />}
      disabledReason={refused}
      onClick={onClick}
    >
      {children}
    </Button>
  );
}
