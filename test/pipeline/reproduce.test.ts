import { resolve } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ReplayOptions } from '../../src/pipeline/options.ts';
import { reproducingLine } from '../../src/pipeline/reproduce.ts';
import { splitWords } from '../../src/stores/words.ts';
import { MANIFEST, REPLAY_OPTIONS } from './made-recording.ts';

const CWD = '/home/me/store';

function line(options: Partial<ReplayOptions>, folder = `${CWD}/.powercut/recordings/a`): string {
  return reproducingLine({ folder, manifest: MANIFEST }, { ...REPLAY_OPTIONS, ...options }, 'p347');
}

const recorded = { check: MANIFEST.commands.check! };

describe('reproducingLine', () => {
  it('is short where the recording knows the rest', () => {
    expect(line(recorded)).toBe('npx powercut replay .powercut/recordings/a --state p347');
  });

  it('names the commands that the recording does not know', () => {
    expect(line({ check: ['./other', '{dir}'], recover: ['./recover', '{dir}'] })).toBe(
      "npx powercut replay .powercut/recordings/a --state p347 --recover './recover {dir}' --check './other {dir}'",
    );
  });

  it('asks for fsck again where that had been asked for', () => {
    expect(line({ ...recorded, fsck: true })).toMatch(/ --state p347 --fsck$/);
  });

  it('names the configuration file whose functions are used, and not the recorded command that they stand for', () => {
    const module = `${CWD}/powercut.config.mjs`;
    const start = 'npx powercut replay .powercut/recordings/a --state p347';
    expect(line({ check: { module } })).toBe(`${start} --config powercut.config.mjs`);
    expect(line({ recover: { module }, dump: { module }, check: ['./c'] })).toBe(
      `${start} --check ./c --config powercut.config.mjs`,
    );
  });

  it('names a configuration file that was asked for by its name', () => {
    expect(line({ ...recorded, configFile: '/home/me/nightly.yaml' })).toMatch(
      / --state p347 --config \.\.\/nightly\.yaml$/,
    );
  });

  it('names a recorded command, too, where a configuration file names another', () => {
    const check = recorded.check.join(' ');
    expect(line({ ...recorded, overruled: ['check'] })).toMatch(new RegExp(` --state p347 --check '?${check}`));
  });

  it('asks for the same kernel where one was asked for', () => {
    expect(line({ ...recorded, kernel: './kernels/6.1 a' })).toMatch(/ --state p347 --kernel '\.\/kernels\/6\.1 a'$/);
  });

  it.each([
    [`${CWD}`, '.'],
    ['/home/me/other', '../other'],
    [`${CWD}/my runs/a`, "'my runs/a'"],
  ])('finds %s from where powercut was called', (folder, word) => {
    expect(line(recorded, folder)).toBe(`npx powercut replay ${word} --state p347`);
  });

  it('can be pasted whatever the words are', () => {
    const anyWord = fc.string({ unit: 'binary', maxLength: 20 }).filter((word) => !word.includes('\0'));
    const anyCommand = fc
      .tuple(
        anyWord.filter((word) => word !== ''),
        fc.array(anyWord, { maxLength: 4 }),
      )
      .map(([first, rest]) => [first, ...rest]);
    const anyFolder = anyWord.filter((word) => !word.startsWith('-') && !/[/]|^\.*$/.test(word));
    fc.assert(
      fc.property(anyCommand, anyCommand, anyFolder, (check, recover, name) => {
        const words = splitWords(line({ check, recover }, `${CWD}/${name}`));
        expect(words.slice(0, 3)).toEqual(['npx', 'powercut', 'replay']);
        expect(resolve(CWD, words[3]!)).toBe(`${CWD}/${name}`);
        expect(words.slice(4, 6)).toEqual(['--state', 'p347']);
        expect(words[6]).toBe('--recover');
        expect(splitWords(words[7]!)).toEqual(recover);
        expect(words[8]).toBe('--check');
        expect(splitWords(words[9]!)).toEqual(check);
        expect(words).toHaveLength(10);
      }),
    );
  });

  it('does not let a folder pass for a flag', () => {
    expect(line(recorded, `${CWD}/--list`)).toBe('npx powercut replay ./--list --state p347');
  });
});
