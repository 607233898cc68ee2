import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { renameDurably, syncPath, writeDurably } from '../../src/host/durable.ts';
import { useTemporaryFolder } from '../support/temporary-folder.ts';

const path = useTemporaryFolder();

describe('writeDurably', () => {
  it('writes text and bytes, and leaves no other file', () => {
    writeDurably(path('text'), 'é');
    writeDurably(path('bytes'), Uint8Array.of(0, 255));
    expect(readFileSync(path('text'), 'utf8')).toBe('é');
    expect([...readFileSync(path('bytes'))]).toEqual([0, 255]);
    expect(readdirSync(path()).sort()).toEqual(['bytes', 'text']);
  });

  it('replaces the whole of an older file', () => {
    writeFileSync(path('a'), 'something much longer');
    writeDurably(path('a'), 'new');
    expect(readFileSync(path('a'), 'utf8')).toBe('new');
  });

  it('leaves the older file as it was when it cannot write', () => {
    writeFileSync(path('a'), 'old');
    mkdirSync(path('a.partial'));
    expect(() => writeDurably(path('a'), 'new')).toThrow();
    expect(readFileSync(path('a'), 'utf8')).toBe('old');
  });
});

describe('renameDurably', () => {
  it('gives a folder its name with everything in it', () => {
    mkdirSync(path('.partial'));
    writeFileSync(path('.partial', 'log'), 'x');
    renameDurably(path('.partial'), path('final'));
    expect(existsSync(path('.partial'))).toBe(false);
    expect(readFileSync(path('final', 'log'), 'utf8')).toBe('x');
  });

  it('does not put one folder into the place of another that holds something', () => {
    for (const name of ['a', 'b']) {
      mkdirSync(path(name));
      writeFileSync(path(name, 'file'), name);
    }
    expect(() => renameDurably(path('a'), path('b'))).toThrow('ENOTEMPTY');
    expect(readFileSync(path('b', 'file'), 'utf8')).toBe('b');
  });
});

describe('syncPath', () => {
  it('takes files and folders, and says what is missing', () => {
    writeFileSync(path('a'), '');
    for (const each of [path('a'), path()]) expect(() => syncPath(each)).not.toThrow();
    expect(() => syncPath(path('none'))).toThrow('ENOENT');
  });
});
