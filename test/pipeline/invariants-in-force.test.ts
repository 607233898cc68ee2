import { describe, expect, it } from 'vitest';
import { INVARIANTS } from '../../src/checks/invariants/registry.ts';
import { invariantsInForce } from '../../src/pipeline/invariants-in-force.ts';
import type { ReplayOptions } from '../../src/pipeline/options.ts';
import { MANIFEST, REPLAY_OPTIONS } from './made-recording.ts';

const WITH_HISTORY = { ...MANIFEST, counts: { ...MANIFEST.counts, operations: 3 } };
const named = (options: Partial<ReplayOptions>, manifest = MANIFEST): string[] =>
  invariantsInForce({ ...REPLAY_OPTIONS, ...options }, manifest);

describe('invariantsInForce', () => {
  it.each<[Partial<ReplayOptions>, string[]]>([
    [{}, ['mounts', 'kernel-quiet']],
    [{ fsck: true }, ['mounts', 'fsck-clean', 'kernel-quiet']],
    [{ check: ['./check'] }, ['mounts', 'kernel-quiet', 'check']],
    [{ check: { module: '/a/powercut.config.mjs' } }, ['mounts', 'kernel-quiet', 'check']],
    [{ recover: ['./recover'] }, ['mounts', 'kernel-quiet', 'store-opens']],
    [{ repeatRecovery: true }, ['mounts', 'kernel-quiet']],
    [{ dump: ['./dump'], repeatRecovery: true }, ['mounts', 'kernel-quiet', 'store-opens', 'recovery-repeats']],
  ])('with %j', (options, names) => expect(named(options)).toEqual(names));

  it('has all built-in ones where there is a history and a dump, and none of them without a dump', () => {
    const all = INVARIANTS.map(({ name }) => name);
    expect(named({ dump: ['./dump'], repeatRecovery: true }, WITH_HISTORY).slice(2)).toEqual(all);
    expect(named({ dump: ['./dump'] }, WITH_HISTORY).slice(2)).toEqual(
      all.filter((name) => name !== 'recovery-repeats'),
    );
    expect(named({}, WITH_HISTORY)).toEqual(['mounts', 'kernel-quiet']);
  });
});
