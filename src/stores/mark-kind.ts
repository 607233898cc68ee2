import { parseMark } from './mark-text.ts';

/** What a mark means for a crash state: what was promised by then, another event of a history, or nothing. */
export type MarkKind = { readonly kind: 'ack'; readonly id: string } | { readonly kind: 'ready' | 'event' | 'other' };

/** The marks around a recording prove where the log comes from; of the store they say nothing. */
export function markKind(text: string): MarkKind {
  const mark = parseMark(text);
  if (mark.kind === 'ack') return { kind: 'ack', id: mark.id };
  if (mark.kind === 'invoke' || mark.kind === 'fail') return { kind: 'event' };
  return { kind: mark.kind === 'ready' ? 'ready' : 'other' };
}
