/** The tree is what ARCHITECTURE.md says it is. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';

const root = resolve(import.meta.dirname, '..');
const architecture = readFileSync(join(root, 'ARCHITECTURE.md'), 'utf8');
const BASE = new Set(['errors', 'units', 'closest', 'one-line', 'random', 'ascending', 'certificate']);
const WAYS_IN = new Set(['cli.ts', 'index.ts', 'write-schemas.ts']);
const MAY_SPAWN = [/^host\//, /^agent\/native\.ts$/, /^guest\/guest-process\.ts$/];
const LONGEST_FILE_LINES = 260;

const sources = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' }).filter((path) =>
  path.endsWith('.ts'),
);

interface Import {
  readonly from: string;
  readonly to: string;
}

const imports: Import[] = sources.flatMap((from) => {
  const text = readFileSync(join(root, 'src', from), 'utf8');
  const specifiers = [...text.matchAll(/(?:from|import)\s*\(?\s*'(\.[^']+)'/g)].map((match) => match[1]!);
  return specifiers.map((specifier) => ({
    from,
    to: relative(join(root, 'src'), resolve(root, 'src', dirname(from), specifier)),
  }));
});

const area = (path: string): string => {
  const [first = ''] = path.split('/');
  return path.includes('/') ? first : BASE.has(first.replace('.ts', '')) ? 'base' : first;
};

const table = new Map(
  [...architecture.matchAll(/^\| `(\w+)` \| (base[^|]*)\|$/gm)].map((row) => [
    row[1]!,
    new Set(row[2]!.split(',').map((name) => name.trim().replaceAll('`', ''))),
  ]),
);

describe('imports', () => {
  it('has a row for every folder and a folder for every row', () => {
    const folders = new Set(sources.filter((path) => path.includes('/')).map(area));
    expect([...table.keys()].sort()).toEqual([...folders].sort());
  });

  it('has no import that the table does not allow', () => {
    const forbidden = imports.filter(({ from, to }) => {
      if (WAYS_IN.has(from) || area(from) === area(to)) return false;
      return !table.get(area(from))?.has(area(to));
    });
    expect(forbidden).toEqual([]);
  });

  it('has no permission that nothing uses', () => {
    const used = new Set(imports.map(({ from, to }) => `${area(from)} -> ${area(to)}`));
    const stale = [...table]
      .flatMap(([from, allowed]) => [...allowed].map((to) => `${from} -> ${to}`))
      .filter((row) => !used.has(row));
    expect(stale).toEqual([]);
  });

  it('has no cycle between folders', () => {
    const next = new Map([...table].map(([from, allowed]) => [from, [...allowed].filter((to) => to !== 'base')]));
    const visit = (folder: string, path: readonly string[]): string[] => {
      if (path.includes(folder)) return [[...path, folder].join(' -> ')];
      return (next.get(folder) ?? []).flatMap((to) => visit(to, [...path, folder]));
    };
    expect([...next.keys()].flatMap((folder) => visit(folder, []))).toEqual([]);
  });

  it('starts processes in the named places only', () => {
    const spawning = sources.filter((path) =>
      /^import (?!type\b).*from '(?:node:child_process|execa)'/m.test(readFileSync(join(root, 'src', path), 'utf8')),
    );
    expect(spawning.filter((path) => !MAY_SPAWN.some((allowed) => allowed.test(path)))).toEqual([]);
  });
});

describe('plug-ins', () => {
  it.each([
    ['checks/invariants', /: Invariant = /],
    ['filesystems', /satisfies Filesystem\b|: Filesystem = /],
    ['replay/strategies', /: Strategy = /],
    ['report/reporters', /export const create\w+Reporter|export function create\w+Reporter\b/],
  ])('registers every plug-in of %s', (folder, isPlugin) => {
    const registry = readFileSync(join(root, 'src', folder, 'registry.ts'), 'utf8');
    const plugins = readdirSync(join(root, 'src', folder)).filter(
      (name) => name !== 'registry.ts' && isPlugin.test(readFileSync(join(root, 'src', folder, name), 'utf8')),
    );
    expect(plugins.length).toBeGreaterThan(0);
    for (const name of plugins) expect(registry).toContain(`'./${name}'`);
  });
});

describe('the map', () => {
  it('names only files that are there', () => {
    const paths = [...architecture.matchAll(/`((?:src|vm|test|docs|scripts)\/[\w./-]+)`/g)].map((match) => match[1]!);
    expect(paths.length).toBeGreaterThan(10);
    expect(paths.filter((path) => !existsSync(join(root, path)))).toEqual([]);
  });

  it('keeps files small', () => {
    const long = sources.filter(
      (path) => readFileSync(join(root, 'src', path), 'utf8').split('\n').length > LONGEST_FILE_LINES,
    );
    expect(long).toEqual([]);
  });

  it('stands alone: the project names no place outside itself', () => {
    const places = new RegExp(['\\.\\./' + 'shared', '/' + 'work/', '\\.' + 'library'].join('|'));
    const texts = ['README.md', 'ARCHITECTURE.md', 'CHANGELOG.md', ...sources.map((path) => `src/${path}`)];
    expect(
      texts.filter((path) => existsSync(join(root, path)) && places.test(readFileSync(join(root, path), 'utf8'))),
    ).toEqual([]);
  });
});
