import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeDurably } from '../host/durable.ts';
import { formatHistory, HISTORY_FILE, parseHistory } from '../stores/history.ts';

/**
 * Takes the history out of a recording's transcript and keeps it beside that.
 * @returns how many operations it has; undefined when the workload printed no history
 * @throws StepError `bad-history` when it contradicts itself
 */
export function keepHistory(folder: string): number | undefined {
  const history = parseHistory(readFileSync(join(folder, 'transcript.txt'), 'utf8'));
  if (history === undefined) return undefined;
  writeDurably(join(folder, HISTORY_FILE), formatHistory(history));
  return history.operations.length;
}
