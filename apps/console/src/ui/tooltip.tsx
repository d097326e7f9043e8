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

/** One thing to do later; beginning again or stopping forgets what waited. */
function makeDelay() {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const stop = () => clearTimeout(timer);
  return {
    stop,
    start: (afterMs: number, run: () => void) => {
      stop();
      timer = setTimeout(run, afterMs);
    },
  };
}

/** Calls the handler that the child itself has for an event. */
function forward(props: Record<string, unknown>, name: string, event: SyntheticEvent) {
  (props[name] as ((event: SyntheticEvent) => void) | undefined)?.(event);
}

/** A hint on hover and focus, kept while the pointer is on it, gone with Escape. */
export function Tooltip({ content, children, open, onOpenChange }: Props) {
  const [anchor, setAnchor] = useState<Element | null>(null);
  const [hovered, setHovered] = useState(false);
  const [delay] = useState(makeDelay);
  useEffect(() => delay.stop, [delay]);

  const keep = delay.stop;
  const set = (next: boolean, afterMs: number) =>
    delay.start(afterMs, () => {
      setHovered(next);
      if (!next) onOpenChange?.(false);
    });
  const { props } = children;
  const trigger = cloneElement(children, {
    onPointerEnter: (event: PointerEvent) => {
      forward(props, 'onPointerEnter', event);
      setAnchor(event.currentTarget);
      if (event.pointerType === 'mouse') set(true, openAfterMs);
    },
    onPointerLeave: (event: PointerEvent) => {
      forward(props, 'onPointerLeave', event);
      set(false, closeAfterMs);
    },
    onPointerDown: (event: PointerEvent) => {
      forward(props, 'onPointerDown', event);
      setAnchor(event.currentTarget);
      keep();
      setHovered(false);
    },
    onFocus: (event: FocusEvent) => {
      forward(props, 'onFocus', event);
      setAnchor(event.currentTarget);
      if (event.currentTarget.matches(':focus-visible')) set(true, 0);
    },
    onBlur: (event: FocusEvent) => {
      forward(props, 'onBlur', event);
      set(false, 0);
    },
  });
  const shown = (open ?? false) || hovered;
  return (
    <>
      {trigger}
      {shown && anchor?.isConnected ? (
        <Bubble
          anchor={anchor}
          onEnter={keep}
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
