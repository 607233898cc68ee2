import { parseMark } from './mark-text.ts';

/** What a mark means for a crash state: what was promised by then, or nothing. */
export type MarkKind = { readonly kind: 'ack'; readonly id: string } | { readonly kind: 'ready' | 'other' };

/** The marks around a recording prove where the log comes from; of the store they say nothing. */
export function markKind(text: string): MarkKind {
  const mark = parseMark(text);
  if (mark.kind === 'ack') return { kind: 'ack', id: mark.id };
  return { kind: mark.kind === 'ready' ? 'ready' : 'other' };
}
