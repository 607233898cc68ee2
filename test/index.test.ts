/** What other programs import: a name that is gone or changed breaks them, and a new one is a promise. */
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import * as powercut from '../src/index.ts';

it('exports these values and no others', () => {
  expect(Object.keys(powercut).sort()).toEqual(['defineConfig']);
  expect(powercut.defineConfig({ workload: './w {dir}', fs: 'xfs' })).toEqual({ workload: './w {dir}', fs: 'xfs' });
});

it('exports these types and no others', () => {
  const text = readFileSync(new URL('../src/index.ts', import.meta.url), 'utf8');
  const names = [...text.matchAll(/export (type )?\{([^}]*)\}/g)].flatMap(([, type, list]) =>
    list!
      .split(',')
      .filter((name) => name.trim() !== '')
      .map((name) => ({ name: name.trim(), isType: type !== undefined || name.trim().startsWith('type ') })),
  );
  expect(text).not.toMatch(/export (?!type \{|\{)/);
  expect(
    names
      .filter(({ isType }) => isType)
      .map(({ name }) => name.replace(/^type /, ''))
      .sort(),
  ).toEqual([
    'CheckFunction',
    'DumpAnswer',
    'DumpEntry',
    'DumpFunction',
    'Finding',
    'Manifest',
    'PowercutConfig',
    'RecoverFunction',
    'RecoveredState',
    'Report',
    'RunReport',
  ]);
});
