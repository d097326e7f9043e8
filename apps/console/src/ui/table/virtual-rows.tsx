'use client';

import { useVirtualizer } from '@tanstack/react-virtual';
import { type ReactNode, type RefObject, useEffect } from 'react';

interface Props {
  count: number;
  /** CSS pixels; every row has it. */
  rowHeight: number;
  scroller: RefObject<HTMLElement | null>;
  /** Set here: brings a row into view. */
  scrollTo: RefObject<(index: number) => void>;
  render: (index: number) => ReactNode;
}

/** The rows in view, with empty rows of the right height for those above and below. */
export function VirtualRows({ count, rowHeight, scroller, scrollTo, render }: Props) {
  const virtualizer = useVirtualizer({
    count,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    overscan: 12,
    useFlushSync: false,
  });
  useEffect(() => {
    scrollTo.current = (index) => virtualizer.scrollToIndex(index);
    return () => {
      scrollTo.current = () => undefined;
    };
  }, [scrollTo, virtualizer]);
  const items = virtualizer.getVirtualItems();
  const before = items[0]?.start ?? 0;
  const after = virtualizer.getTotalSize() - (items.at(-1)?.end ?? 0);
  return (
    <>
      {before > 0 ? <tr aria-hidden="true" style={{ height: before }} /> : null}
      {items.map((item) => render(item.index))}
      {after > 0 ? <tr aria-hidden="true" style={{ height: after }} /> : null}
    </>
  );
}
