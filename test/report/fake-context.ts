import { multiplexReporters } from '../../src/report/multiplexer.ts';
import type { CreateReporter, ReporterContext } from '../../src/report/reporter-context.ts';
import { CANNED } from './canned-events.ts';

export interface FakeContext extends ReporterContext {
  readonly written: { stdout: string; stderr: string };
  /** Files that were added to. */
  readonly appended: Readonly<Record<string, string>>;
  /** Lets time pass: timers fire at their times. */
  pass(durationMs: number): void;
  /** Timers that were not stopped. */
  timerCount(): number;
}

interface FakeOptions {
  readonly isTTY?: boolean;
  readonly columns?: number;
  readonly environment?: Record<string, string>;
}

/** A context with a clock that moves when it is told to. */
export function fakeContext({ isTTY = false, columns = 200, environment = {} }: FakeOptions = {}): FakeContext {
  const written = { stdout: '', stderr: '' };
  const appended: Record<string, string> = {};
  const timers = new Set<{ act: () => void; intervalMs: number; nextMs: number }>();
  let nowMs = 1000;
  const sink = (name: 'stdout' | 'stderr') => ({
    write: (text: string) => void (written[name] += text),
    isTTY,
    columns: () => columns,
  });
  return {
    written,
    stdout: sink('stdout'),
    stderr: sink('stderr'),
    environment,
    nowMs: () => nowMs,
    date: () => new Date(Date.UTC(2026, 10, 21, 9, 30) + nowMs),
    appendFile: (path, text) => void (appended[path] = (appended[path] ?? '') + text),
    appended,
    every(intervalMs, act) {
      const timer = { act, intervalMs, nextMs: nowMs + intervalMs };
      timers.add(timer);
      return () => void timers.delete(timer);
    },
    pass(durationMs) {
      const endMs = nowMs + durationMs;
      for (;;) {
        const [due] = [...timers].filter(({ nextMs }) => nextMs <= endMs).sort((a, b) => a.nextMs - b.nextMs);
        if (due === undefined) break;
        nowMs = due.nextMs;
        due.nextMs += due.intervalMs;
        due.act();
      }
      nowMs = endMs;
    },
    timerCount: () => timers.size,
  };
}

/** Plays the canned run through a reporter. @returns what the last chance to fail said, if anything */
export function play(create: CreateReporter, context: FakeContext): string[] {
  const notes: string[] = [];
  const reporters = multiplexReporters([{ name: 'tested', reporter: create(context) }], (line) => notes.push(line));
  for (const [stepMs, event] of CANNED) {
    context.pass(stepMs);
    reporters.onEvent(event);
  }
  reporters.close();
  return notes;
}

const ESCAPE = '\u001B';
const TOKEN = new RegExp(`${ESCAPE}\\[\\d*[A-Za-z]|\\n|[^${ESCAPE}\\n]+`, 'g');
const CURSOR_UP = new RegExp(`^${ESCAPE}\\[(\\d+)A$`);

/** What a terminal would show in the end: lines with cursor-up and erase-below obeyed, and no colours. */
export function screenOf(output: string): string[] {
  const lines: string[] = [''];
  for (const [token] of output.matchAll(TOKEN)) {
    const up = CURSOR_UP.exec(token);
    if (token === '\n') lines.push('');
    else if (up) lines.splice(lines.length - 1 - Number(up[1]), Infinity, '');
    else if (!token.startsWith(ESCAPE)) lines[lines.length - 1] += token;
  }
  return lines;
}

/** Without colours. */
export function plainText(output: string): string {
  return output.replace(new RegExp(`${ESCAPE}\\[\\d+m`, 'g'), '');
}
