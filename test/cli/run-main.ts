import { vi } from 'vitest';
import { main } from '../../src/cli/main.ts';

export interface MainRun {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

const STREAMS = ['stdout', 'stderr'] as const;

/** Runs the command line in this process and keeps what it says. */
export async function runMain(...words: readonly string[]): Promise<MainRun> {
  const said = { stdout: '', stderr: '' };
  const spies = STREAMS.map((name) =>
    vi.spyOn(process[name], 'write').mockImplementation((text) => {
      said[name] += String(text);
      return true;
    }),
  );
  const forget = rememberListeners();
  try {
    return { status: await main(words), ...said };
  } finally {
    for (const spy of spies) spy.mockRestore();
    forget();
  }
}

/** What listens to this process's streams from now on goes when the function returned is called, as with its process. */
export function rememberListeners(): () => void {
  const before = STREAMS.map((name) => process[name].listeners('error'));
  return () =>
    STREAMS.forEach((name, at) => {
      const added = process[name].listeners('error').filter((each) => !before[at]!.includes(each));
      for (const listener of added) process[name].off('error', listener as () => void);
    });
}
