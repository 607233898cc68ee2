/**
 * The text of the marks that powercut puts into the log: `ack:3` for an acknowledgement, `invoke:3` before an operation
 * that waits for that mark, `fail:3` for one that certainly did not happen, `ready` when the workload's set-up is durable,
 * `start:7f3a` and `end:7f3a` with one nonce around the recording, which prove that both ends of the log are this
 * recording's. Marks of anyone else (`dm-log-writes-end`, a user's own) are `other`, and so are those that say when writes
 * failed (replay/io-error.ts), which promise nothing.
 */
export type Mark =
  | { readonly kind: 'ack' | 'invoke' | 'fail'; readonly id: string }
  | { readonly kind: 'ready' }
  | { readonly kind: 'start'; readonly nonce: string }
  | { readonly kind: 'end'; readonly nonce: string }
  | { readonly kind: 'other' };

export const READY_MARK = 'ready';

export const ackMark = (id: string): string => `ack:${id}`;
export const invokeMark = (id: string): string => `invoke:${id}`;
export const failMark = (id: string): string => `fail:${id}`;
export const startMark = (nonce: string): string => `start:${nonce}`;
export const endMark = (nonce: string): string => `end:${nonce}`;

/** The reverse of the above. An id may itself hold colons; only the first one counts. */
export function parseMark(text: string): Mark {
  if (text === READY_MARK) return { kind: 'ready' };
  const match = /^(ack|invoke|fail|start|end):(.+)$/s.exec(text);
  if (!match) return { kind: 'other' };
  const kind = match[1] as 'ack' | 'invoke' | 'fail' | 'start' | 'end';
  const value = match[2]!;
  return kind === 'start' || kind === 'end' ? { kind, nonce: value } : { kind, id: value };
}
