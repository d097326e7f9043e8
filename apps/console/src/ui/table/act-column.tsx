import type { ReactNode } from 'react';
import { Button } from '../button.tsx';
import { Menu } from '../menu.tsx';
import type { Column } from './types.ts';

interface Options<T extends { name: string }> {
  /** Why this person may do nothing with rows. */
  refused: string | undefined;
  hideBelow?: Column<T>['hideBelow'];
  /** The `MenuItem`s of a row. */
  items: (row: T) => ReactNode;
}

/** The column with a menu of what can be done with a row. */
export function actColumn<T extends { name: string }>(options: Options<T>): Column<T> {
  const { refused, hideBelow, items } = options;
  return {
    id: 'actions',
    header: '',
    width: '92px',
    align: 'right',
    ...(hideBelow ? { hideBelow } : {}),
    value: () => null,
    cell: (row) => (
      <Menu
        trigger={
          <Button size="sm" aria-label={`Act on ${row.name}`} disabledReason={refused}>
            Act
          </Button>
        }
      >
        {items(row)}
      </Menu>
    ),
  };
}
