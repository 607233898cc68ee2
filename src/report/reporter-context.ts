import type { Reporter } from './events.ts';
import type { TextSink } from './text-sink.ts';

/** What a reporter may touch; all of it given, so that a test can hold the clock. */
export interface ReporterContext {
  /** Results: standard output, or the file that was named for this reporter. */
  readonly stdout: TextSink;
  /** Progress. */
  readonly stderr: TextSink;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** A clock that never goes back, milliseconds. */
  nowMs(): number;
  /** The time of day. */
  date(): Date;
  /** Adds text to a file that belongs to somebody else, such as a CI service's. @throws when it cannot be written */
  appendFile(path: string, text: string): void;
  /** Calls again and again until the returned function is called. It must not keep the process alive. */
  every(intervalMs: number, act: () => void): () => void;
}

export type CreateReporter = (context: ReporterContext) => Reporter;
