'use client';

import {
  cloneElement,
  type FocusEvent,
  type PointerEvent,
  type ReactElement,
  type ReactNode,
  type SyntheticEvent,
  useEffect,
  useLayoutEffect,
  useRef,
  useState,
} from 'react';
import { createPortal } from 'react-dom';
import { placeBeside, type Place } from './place.ts';

interface Props {
  content: ReactNode;
  children: ReactElement<Record<string, unknown>>;
  /** Set by who wants to open it by other means than hover and focus. */
  open?: boolean;
  onOpenChange?: (open: boolean) => void;
}

const openAfterMs = 350;
const closeAfterMs = 120;

/** A hint on hover and focus, kept while the pointer is on it, gone with Escape. */
export function Tooltip({ content, children, open, onOpenChange }: Props) {
  const anchor = useRef<Element | null>(null);
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  const [hovered, setHovered] = useState(false);
  const shown = (open ?? false) || hovered;
  useEffect(() => () => clearTimeout(timer.current), []);

  const set = (next: boolean, afterMs: number) => {
    clearTimeout(timer.current);
    timer.current = setTimeout(() => {
      setHovered(next);
      if (!next) onOpenChange?.(false);
    }, afterMs);
  };
  const chain =
    <E extends SyntheticEvent>(name: string, own: (event: E) => void) =>
    (event: E) => {
      (children.props[name] as ((event: E) => void) | undefined)?.(event);
      anchor.current = event.currentTarget;
      own(event);
    };
  const trigger = cloneElement(children, {
    onPointerEnter: chain('onPointerEnter', (event: PointerEvent) => {
      if (event.pointerType === 'mouse') set(true, openAfterMs);
    }),
    onPointerLeave: chain('onPointerLeave', () => set(false, closeAfterMs)),
    onPointerDown: chain('onPointerDown', () => clearTimeout(timer.current)),
    onFocus: chain('onFocus', (event: FocusEvent<Element>) => {
      if (event.currentTarget.matches(':focus-visible')) set(true, 0);
    }),
    onBlur: chain('onBlur', () => set(false, 0)),
  });
  return (
    <>
      {trigger}
      {shown && anchor.current?.isConnected ? (
        <Bubble
          anchor={anchor.current}
          onEnter={() => clearTimeout(timer.current)}
          onLeave={() => set(false, closeAfterMs)}
          onEscape={() => set(false, 0)}
        >
          {content}
        </Bubble>
      ) : null}
    </>
  );
}

interface BubbleProps {
  anchor: Element;
  onEnter: () => void;
  onLeave: () => void;
  onEscape: () => void;
  children: ReactNode;
}

function Bubble({ anchor, onEnter, onLeave, onEscape, children }: BubbleProps) {
  const box = useRef<HTMLDivElement>(null);
  const [place, setPlace] = useState<Place | null>(null);
  useLayoutEffect(() => {
    const size = box.current?.getBoundingClientRect();
    const { innerWidth: width, innerHeight: height } = window;
    if (size) setPlace(placeBeside(anchor.getBoundingClientRect(), size, { width, height }));
  }, [anchor]);
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.key === 'Escape') onEscape();
    };
    document.addEventListener('keydown', onKey);
    window.addEventListener('scroll', onEscape, { capture: true, once: true });
    return () => {
      document.removeEventListener('keydown', onKey);
      window.removeEventListener('scroll', onEscape, { capture: true });
    };
  });
  return createPortal(
    <div
      ref={box}
      role="tooltip"
      onPointerEnter={onEnter}
      onPointerLeave={onLeave}
      style={place ?? { visibility: 'hidden', left: 0, top: 0 }}
      className="fixed z-60 w-max max-w-72 rounded-md border border-line-strong bg-raised px-2.5 py-1.5 text-xs text-ink shadow-pop"
    >
      {children}
    </div>,
    document.body,
  );
}
