import { vi } from 'vitest';
import { main } from '../../src/cli/main.ts';

export interface MainRun {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the command line in this process and keeps what it says. */
export async function runMain(...words: readonly string[]): Promise<MainRun> {
  const said = { stdout: '', stderr: '' };
  const spies = (['stdout', 'stderr'] as const).map((name) =>
    vi.spyOn(process[name], 'write').mockImplementation((text) => {
      said[name] += String(text);
      return true;
    }),
  );
  try {
    return { status: await main(words), ...said };
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
}
