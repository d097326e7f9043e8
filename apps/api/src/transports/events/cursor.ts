/**
 * Place in the stream of changes: transaction, then row. Events are told in this order and only from transactions older
 * than every open one, so that nothing can appear behind a cursor. `atMs` tells whether it is older than what is kept.
 */
export interface EventCursor {
  xid: bigint;
  id: bigint;
  atMs: number;
}

export const formatCursor = ({ xid, id, atMs }: EventCursor): string => `${xid}.${id}.${atMs}`;

/** @returns null for a text that is no cursor of ours */
export function parseCursor(text: string): EventCursor | null {
  const match = /^(\d{1,19})\.(\d{1,19})\.(\d{1,15})$/.exec(text.trim());
  if (!match) return null;
  return { xid: BigInt(match[1]!), id: BigInt(match[2]!), atMs: Number(match[3]) };
}

export function isBehind(a: EventCursor, b: EventCursor): boolean {
  return a.xid < b.xid || (a.xid === b.xid && a.id < b.id);
}
