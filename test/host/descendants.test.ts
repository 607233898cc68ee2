import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';

it('ends every descendant, daemons and orphans too, and collects them', () => {
  const words = [join('..', 'support', 'run-typescript.mjs'), 'descendants-program.ts'];
  const { stdout, stderr } = spawnSync(
    process.execPath,
    words.map((word) => join(import.meta.dirname, word)),
    {
      encoding: 'utf8',
    },
  );
  expect(stderr).toBe('');
  const { pids, left, again } = JSON.parse(stdout) as { pids: number[]; left: number[]; again: number[] };
  expect(pids).toHaveLength(3);
  expect({ left, again }).toEqual({ left: [], again: [] });
  expect(pids.filter((pid) => existsSync(`/proc/${pid}`))).toEqual([]);
});
