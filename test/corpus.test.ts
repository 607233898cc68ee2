/** The corpus without power cuts: what it says of itself is so, and its stores and its judge can tell right from wrong. */
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { FAULTS, loadStore, operationsOf } from '../corpus/catalogue.mjs';
import { judge } from '../corpus/judge.mjs';
import { isAsPredicted, withTables } from '../corpus/tables.mjs';
import { useTemporaryFolder } from './support/temporary-folder.ts';

interface Store {
  readonly model: (count: number) => Map<unknown, string>;
  readonly onTheirWay?: number;
  create?(dir: string): void;
  open(dir: string, fault?: string): { perform(number: number): number[] | undefined };
  recover?(dir: string, fault?: string): void;
  read(dir: string, fault?: string): Map<unknown, string>;
}

const root = resolve(import.meta.dirname, '..');
const path = useTemporaryFolder();
const results = JSON.parse(readFileSync(join(root, 'corpus/results.json'), 'utf8')) as Record<string, object>;

it('has at least twenty faults that a strategy must show', () => {
  expect(Object.values(FAULTS).filter(({ strategy }) => strategy !== undefined).length).toBeGreaterThanOrEqual(20);
});

describe('the page', () => {
  const page = readFileSync(join(root, 'docs/corpus.md'), 'utf8');

  it('has the tables of the last campaign, and every row was run', () => {
    expect(withTables(page, results)).toBe(page);
    expect(page).not.toContain('not run');
  });

  it.each(Object.entries(results))('%s came out as predicted', (row, found) => {
    expect(isAsPredicted(row, found)).toBe(true);
  });
});

describe.each(Object.keys(FAULTS))('%s', (name) => {
  it('names a store that, sound, keeps what it acknowledged and is caught when it does not', async (context) => {
    const store = (await loadStore(name)) as Store;
    const acked = work(store, operationsOf(name), (reason) => context.skip(reason));
    const found = store.read(path());
    expect(judge(found, store, acked)).toBeUndefined();
    expect(judge(found, store, acked + 3)).toMatch(/^(lost|ghost): /);
    const [key, value] = [...found][0]!;
    expect(judge(new Map(found).set(key, ''), store, acked)).toMatch(/^torn: /);
    expect(judge(new Map(found).set(key, value.replaceAll(/./g, '#')), store, acked)).toMatch(/^corrupt: /);
    expect(judge(new Map(found).set('nobody', ''), store, acked)).toMatch(/^phantom: /);
  });
});

/** @returns how many operations were acknowledged */
function work(store: Store, operations: number, skip: (reason: string) => never): number {
  store.create?.(path());
  try {
    const opened = store.open(path());
    const numbers = Array.from({ length: operations }, (_, i) => i + 1);
    const acked = numbers.flatMap((number) => opened.perform(number) ?? [number]);
    store.recover?.(path());
    return acked.length;
  } catch (error) {
    // tmpfs, before Linux 6.6.
    if ((error as NodeJS.ErrnoException).code === 'EINVAL') return skip('temporary folder without O_DIRECT');
    throw error;
  }
}
