import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';

it('ends every descendant, daemons and orphans too, collects them, and takes none from Node', () => {
  const words = [join('..', 'support', 'run-typescript.mjs'), 'descendants-program.ts'];
  const { stdout, stderr } = spawnSync(
    process.execPath,
    words.map((word) => join(import.meta.dirname, word)),
    {
      encoding: 'utf8',
    },
  );
  expect(stderr).toBe('');
  const { pids, ...seen } = JSON.parse(stdout) as { pids: number[]; left: number[]; told: boolean; again: number[] };
  expect(pids).toHaveLength(5);
  expect(seen).toEqual({ left: [], told: true, again: [] });
  expect(pids.filter((pid) => existsSync(`/proc/${pid}`))).toEqual([]);
});
