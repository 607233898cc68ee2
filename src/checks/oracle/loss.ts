import { classOf } from '../../stores/durability.ts';
import { goneUpTo, type HistoryReading } from './history-reading.ts';

/** How much of what was acknowledged one crash state has lost, for one class of operations. Promised or not. */
export interface Loss {
  readonly class: string;
  /** Acknowledged operations that are gone. */
  readonly operations: number;
  /** Age of the oldest of them at the crash, milliseconds; absent when lines carry no times. */
  readonly ms?: number;
}

/** Classes that have lost nothing are left out. */
export function lossesOf(reading: HistoryReading): Loss[] {
  const { moment } = reading;
  const losses = new Map<string, { ids: Set<string>; ms: number | undefined }>();
  for (const { part } of goneUpTo(reading, moment.passed)) {
    const { operation } = part;
    const name = classOf(moment.contract, operation);
    const loss = losses.get(name) ?? { ids: new Set(), ms: undefined };
    losses.set(name, loss);
    loss.ids.add(operation.id);
    const ageMs = moment.ageMs(operation);
    if (ageMs !== undefined) loss.ms = Math.max(loss.ms ?? 0, ageMs);
  }
  return [...losses].map(([name, { ids, ms }]) => ({
    class: name,
    operations: ids.size,
    ...(ms !== undefined && { ms }),
  }));
}
