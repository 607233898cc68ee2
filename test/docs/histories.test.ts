/** The workloads in docs/histories.md are run as they stand there; what they print is read and judged as powercut does. */
import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { Oracle } from '../../src/checks/oracle/oracle.ts';
import { parseDurability } from '../../src/stores/durability.ts';
import { parseHistory, type History } from '../../src/stores/history.ts';
import { obstacleTo, SNIPPETS } from '../support/history-snippets.ts';
import { useTemporaryFolder } from '../support/temporary-folder.ts';

const path = useTemporaryFolder();
/** How often, and how long, the answer is held back to see that the workload waits for it. */
const HELD_BACK = 4;
const HOLD_MS = 100;

function contentOf(folder: string): Map<string, string> {
  return new Map(readdirSync(folder).map((key) => [key, readFileSync(`${folder}/${key}`, 'utf8').trimEnd()]));
}

function judge(history: History, entries: ReadonlyMap<string, string>): string {
  const { verdict } = new Oracle(history, parseDurability([])).judge(
    { kind: 'opened', entries },
    history.events.length - 1,
  );
  return verdict.kind === 'violated' ? verdict.class : verdict.kind;
}

/** Answers each line but `ready`, one at a time. @returns all lines */
async function answered(argv: readonly string[]): Promise<{ lines: string[]; status: number | null }> {
  const [program = '', ...rest] = argv;
  const child = spawn(program, rest, {
    stdio: ['ignore', 'pipe', 'inherit', 'pipe'],
    env: { ...process.env, POWERCUT_ACK_REPLY: '3' },
  });
  const status = new Promise<number | null>((settle) => child.once('close', settle));
  const replies = child.stdio[3] as NodeJS.WritableStream;
  let output = '';
  child.stdout!.setEncoding('utf8').on('data', (text: string) => (output += text));
  const heard = (): string[] => output.split('\n').slice(0, -1);
  let ended = false;
  void status.then(() => (ended = true));
  // The first line is "ready", which is not answered.
  for (let asked = 1; !ended; await sleep(1)) {
    if (heard().length <= asked) continue;
    if (asked <= HELD_BACK) await sleep(HOLD_MS);
    expect(heard(), 'the workload went on without an answer').toHaveLength(asked + 1);
    asked++;
    replies.write('.');
  }
  return { lines: heard(), status: await status };
}

describe.each(SNIPPETS.map((snippet) => ({ ...snippet, obstacle: obstacleTo(snippet) })))(
  'the workload in $language',
  (snippet) => {
    const { operations, obstacle } = snippet;
    it.skipIf(obstacle)(`tells a history that its store is held to${obstacle ? ` (skipped: ${obstacle})` : ''}`, () => {
      mkdirSync(path('store'));
      const [program, ...rest] = snippet.make(path());
      const { status, stdout, stderr } = spawnSync(program!, [...rest, path('store')], { encoding: 'utf8' });
      expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
      expect(stdout).toMatch(/^ready\n/);
      const history = parseHistory(stdout)!;
      expect(history.operations).toHaveLength(operations);
      expect(history.operations.every(({ end, waited }) => end < Infinity && waited)).toBe(true);
      const entries = contentOf(path('store'));
      expect(judge(history, entries)).toBe('ok');
      entries.delete(history.operations.at(-1)!.effects[0]!.key);
      // Where the key had been written before, an older value is gone with it.
      expect(['lost', 'reordered']).toContain(judge(history, entries));
    });

    it.skipIf(obstacle)(`waits for each answer${obstacle ? ` (skipped: ${obstacle})` : ''}`, async () => {
      mkdirSync(path('store'));
      const { lines, status } = await answered([...snippet.make(path()), path('store')]);
      expect(status).toBe(0);
      expect(lines).toHaveLength(1 + 2 * operations);
    });
  },
);
