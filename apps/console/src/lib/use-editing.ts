import { useState } from 'react';
import { useFlag } from './use-flag.ts';

/** One dialog that makes something new (open when the URL says `create=1`) or edits what is there. */
export function useEditing<T>() {
  const [isCreating, setCreating] = useFlag('create');
  const [edited, edit] = useState<T | null>(null);
  return {
    isOpen: isCreating || edited !== null,
    /** What is edited; null for a new one. */
    edited,
    create: () => setCreating(true),
    edit,
    close: () => {
      edit(null);
      setCreating(false);
    },
  };
}
