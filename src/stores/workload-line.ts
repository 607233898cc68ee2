import { parseHistoryEvent } from './history-event.ts';

/** One line of a workload's standard output, as the store's contract reads it. */
export type WorkloadLine =
  | { readonly kind: 'ready' }
  | { readonly kind: 'ack'; readonly id: string }
  /** The workload waits for an answer before it starts the operation; an `invoke` without that is transcript. */
  | { readonly kind: 'invoke' | 'fail'; readonly id: string }
  /** Meant as an acknowledgement or as part of a history, but unusable. Dropping it silently would weaken the test. */
  | { readonly kind: 'bad-ack'; readonly reason: string }
  | { readonly kind: 'transcript' };

/** An id becomes a mark in the log, and a mark must fit into one 512-byte sector behind its header. */
export const ACK_ID_BYTES_MAX = 200;

/** The line comes without its line feed; a carriage return before that is dropped too. */
export function parseWorkloadLine(line: string): WorkloadLine {
  const text = line.endsWith('\r') ? line.slice(0, -1) : line;
  if (text === 'ready') return { kind: 'ready' };
  if (text.startsWith('{')) return parseHistoryLine(text);
  if (text !== 'ack' && !/^ack[ \t]/.test(text)) return { kind: 'transcript' };
  const id = text.slice('ack'.length).replace(/^[ \t]+|[ \t]+$/g, '');
  return withUsableId('ack', id);
}

function parseHistoryLine(text: string): WorkloadLine {
  const event = parseHistoryEvent(text);
  if (event === undefined) return { kind: 'transcript' };
  if (event.type === 'bad') return { kind: 'bad-ack', reason: `a line of the history cannot be used: ${event.reason}` };
  const checked = withUsableId(event.type === 'ok' ? 'ack' : event.type === 'fail' ? 'fail' : 'invoke', event.id);
  const needsNoMark = event.type === 'info' || (event.type === 'invoke' && !event.reply);
  return needsNoMark && checked.kind !== 'bad-ack' ? { kind: 'transcript' } : checked;
}

function withUsableId(kind: 'ack' | 'invoke' | 'fail', id: string): WorkloadLine {
  const reason = whyUnusable(id);
  return reason === undefined ? { kind, id } : { kind: 'bad-ack', reason };
}

function whyUnusable(id: string): string | undefined {
  if (id === '') return 'the id is missing: expected "ack <id>"';
  if (/\s/u.test(id)) return `the id ${JSON.stringify(id)} is more than one token: expected no white space in it`;
  if (/\p{Cc}/u.test(id)) return `the id ${JSON.stringify(id)} holds a control character`;
  // The decoder's stand-in for bytes that are not UTF-8: two different ids could have become one.
  if (id.includes('\uFFFD')) return `the id ${JSON.stringify(id)} is not valid UTF-8`;
  const bytes = Buffer.byteLength(id);
  if (bytes > ACK_ID_BYTES_MAX) return `the id is ${bytes} bytes long: at most ${ACK_ID_BYTES_MAX} are allowed`;
  return undefined;
}
