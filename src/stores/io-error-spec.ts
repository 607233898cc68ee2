/**
 * When the device fails writes while a workload is recorded: `writes@ack:3` from the third acknowledgement on, until one
 * has failed; `writes@ack:3,200ms` until 200 ms after that; `writes@ack:3,end` until the workload's end. Told in
 * acknowledgements, and not in time from the start, since those come in the same order on every machine.
 */
import { UsageError } from '../errors.ts';

export interface IoErrorSpec {
  /** As it was given. */
  readonly text: string;
  /** The acknowledgement with whose mark it begins, from 1. */
  readonly ack: number;
  /** From the first failed write; absent: to the workload's end. */
  readonly lastsMs?: number;
}

const SHAPE = /^writes@ack:([1-9]\d{0,8})(?:,(?:(end)|(\d{1,6}(?:\.\d+)?)(ms|s|m)))?$/;
const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000 };

/** @throws UsageError for any other text */
export function parseIoErrorSpec(text: string): IoErrorSpec {
  const match = SHAPE.exec(text.trim());
  if (!match) {
    throw new UsageError(
      `"${text}" says no window of I/O errors: expected writes@ack:3, or with its end: writes@ack:3,200ms or writes@ack:3,end`,
    );
  }
  const [, ack, end, amount = '0', unit = 'ms'] = match;
  const spec = { text: text.trim(), ack: Number(ack) };
  return end === undefined ? { ...spec, lastsMs: Math.round(Number(amount) * UNIT_MS[unit]!) } : spec;
}
