interface Box {
  left: number;
  top: number;
  width: number;
  height: number;
}

export interface Place {
  left: number;
  top: number;
}

const gap = 6;
const margin = 8;

/** Where a small box goes: above its anchor and centred, below when there is no room, inside the window. CSS pixels. */
export function placeBeside(
  anchor: Box,
  size: { width: number; height: number },
  view: { width: number; height: number },
): Place {
  const centred = anchor.left + anchor.width / 2 - size.width / 2;
  const above = anchor.top - size.height - gap;
  return {
    left: Math.max(margin, Math.min(centred, view.width - size.width - margin)),
    top: above >= margin ? above : anchor.top + anchor.height + gap,
  };
}
