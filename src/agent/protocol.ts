/**
 * How powercut talks with an engine, whether that runs beside it or in a guest: one JSON value a line, both ways. The
 * engine greets first; a terminal drops what is sent before somebody reads it.
 */
import { PowercutError, StepError, UnavailableError, UsageError } from '../errors.ts';
import type { Phase } from '../engine/record.ts';
import type {
  FilesRequest,
  FilesResult,
  OpenRequest,
  OpenResult,
  PlannedRecovery,
  ProbeRequest,
  ProbeResult,
  RecordRequest,
  RecordResult,
  RecoveryRequest,
  TriedState,
  TryRequest,
} from '../engine/requests.ts';
import type { OpenKillRequest, TriedKill, TryKillRequest } from '../kill/requests.ts';

export interface Calls {
  probe: { request: ProbeRequest; event: never; result: ProbeResult };
  record: { request: RecordRequest; event: { phase: Phase }; result: RecordResult };
  open: { request: OpenRequest; event: never; result: OpenResult };
  files: { request: FilesRequest; event: never; result: FilesResult };
  try: { request: TryRequest; event: never; result: TriedState };
  openKill: { request: OpenKillRequest; event: never; result: null };
  tryKill: { request: TryKillRequest; event: never; result: TriedKill };
  planRecovery: { request: RecoveryRequest; event: never; result: PlannedRecovery };
}
export type CallName = keyof Calls;

export interface CallMessage {
  readonly id: number;
  readonly call: CallName;
  readonly request: unknown;
}

/**
 * A request that is longer than a terminal takes in one go comes in parts, each of which is answered before the next: on
 * user-mode Linux a terminal that has had to throttle its input never hears anything again (kernel 6.1: its reader is
 * switched off at 3,968 unread bytes and not on again).
 */
export interface PartMessage {
  readonly part: string;
  /** With this one the line is whole. */
  readonly last: boolean;
}

/** With every character doubled by JSON, or of three bytes, a part stays below the limit. */
const PART_CHARACTERS = 1000;

/** @param line one message, without its newline. @returns it, if it is short; else its parts, one message each */
export function cutRequest(line: string): string[] {
  if (line.length <= PART_CHARACTERS) return [line];
  const parts: string[] = [];
  for (let at = 0; at < line.length; at += PART_CHARACTERS) {
    const message: PartMessage = {
      part: line.slice(at, at + PART_CHARACTERS),
      last: at + PART_CHARACTERS >= line.length,
    };
    parts.push(JSON.stringify(message));
  }
  return parts;
}

export type AnswerMessage =
  /** A part has arrived. */
  | { readonly taken: true }
  | { readonly hello: { readonly kernel: string } }
  | { readonly id: number; readonly event: unknown }
  /** `last`: the engine cannot be used again and ends by itself. */
  | { readonly id: number; readonly result: unknown; readonly last?: true }
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
