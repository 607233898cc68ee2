import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { delimiter } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { findProgram, searchPath } from '../../src/host/find-program.ts';
import { useTemporaryFolder } from '../support/temporary-folder.ts';

const path = useTemporaryFolder();
const before = process.env['PATH'];

function makeProgram(mode: number, ...names: string[]): void {
  writeFileSync(path(...names), '#!/bin/sh\n');
  chmodSync(path(...names), mode);
}

beforeEach(() => {
  for (const name of ['first', 'second']) mkdirSync(path(name));
  process.env['PATH'] = [path('first'), path('second')].join(delimiter);
});
afterEach(() => {
  process.env['PATH'] = before;
});

describe('findProgram', () => {
  it('goes along the PATH, first come first served', () => {
    makeProgram(0o755, 'second', 'powercut-tool');
    expect(findProgram('powercut-tool')).toBe(path('second', 'powercut-tool'));
    makeProgram(0o755, 'first', 'powercut-tool');
    expect(findProgram('powercut-tool')).toBe(path('first', 'powercut-tool'));
  });

  it('passes by what may not be executed', () => {
    makeProgram(0o644, 'first', 'powercut-tool');
    makeProgram(0o755, 'second', 'powercut-tool');
    expect(findProgram('powercut-tool')).toBe(path('second', 'powercut-tool'));
  });

  it('looks where an ordinary user’s PATH does not', () => {
    process.env['PATH'] = '';
    expect(findProgram('sh')).toMatch(/\/bin\/sh$/);
    delete process.env['PATH'];
    expect(findProgram('sh')).toMatch(/\/bin\/sh$/);
  });

  it('takes no folder for a program', () => {
    mkdirSync(path('first', 'powercut-tool'));
    expect(findProgram('powercut-tool')).toBeUndefined();
  });

  it('finds nothing where there is nothing', () => {
    expect(findProgram('no-such-program-of-powercut')).toBeUndefined();
  });
});

describe('searchPath', () => {
  it('is the PATH and then the system folders', () => {
    expect(searchPath().split(delimiter).slice(0, 3)).toEqual([path('first'), path('second'), '/usr/local/sbin']);
  });
});
