/**
 * How powercut talks with an engine, whether that runs beside it or in a guest: one JSON value a line, both ways. The
 * engine greets first; a terminal drops what is sent before somebody reads it.
 */
import { PowercutError, StepError, UnavailableError, UsageError } from '../errors.ts';
import type { Phase } from '../engine/record.ts';
import type {
  OpenRequest,
  ProbeResult,
  RecordRequest,
  RecordResult,
  TriedState,
  TryRequest,
} from '../engine/requests.ts';

export interface Calls {
  probe: { request: Record<never, never>; event: never; result: ProbeResult };
  record: { request: RecordRequest; event: { phase: Phase }; result: RecordResult };
  open: { request: OpenRequest; event: never; result: Record<never, never> };
  try: { request: TryRequest; event: never; result: TriedState };
}
export type CallName = keyof Calls;

export interface CallMessage {
  readonly id: number;
  readonly call: CallName;
  readonly request: unknown;
}

export type AnswerMessage =
  | { readonly hello: { readonly kernel: string } }
  | { readonly id: number; readonly event: unknown }
  | { readonly id: number; readonly result: unknown }
  | { readonly id: number; readonly error: ErrorOnTheWire };

export interface ErrorOnTheWire {
  readonly code: string;
  readonly message: string;
}

export function errorToWire(error: unknown): ErrorOnTheWire {
  if (error instanceof PowercutError) return { code: error.code, message: error.message };
  const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return { code: 'engine-failed', message };
}

export function errorFromWire({ code, message }: ErrorOnTheWire): PowercutError {
  if (code === 'usage') return new UsageError(message);
  if (code === 'unavailable') return new UnavailableError(message);
  return new StepError(code, message);
}

/** Cuts a stream of text into lines and hands each to the callback; what stands behind the last newline waits. */
export function lineSplitter(onLine: (line: string) => void): (chunk: string) => void {
  let parts: string[] = [];
  return (chunk) => {
    const lines = chunk.split('\n');
    const last = lines.pop() ?? '';
    for (const line of lines) {
      onLine(parts.join('') + line);
      parts = [];
    }
    if (last !== '') parts.push(last);
  };
}
