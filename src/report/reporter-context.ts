import type { Reporter } from './events.ts';
import type { TextSink } from './text-sink.ts';

/** What a reporter may touch; all of it given, so that a test can hold the clock. */
export interface ReporterContext {
  /** Results. */
  readonly stdout: TextSink;
  /** Progress. */
  readonly stderr: TextSink;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** A clock that never goes back, milliseconds. */
  nowMs(): number;
  /** Calls again and again until the returned function is called. It must not keep the process alive. */
  every(intervalMs: number, act: () => void): () => void;
}

export type CreateReporter = (context: ReporterContext) => Reporter;
