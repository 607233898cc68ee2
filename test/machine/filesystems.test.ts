/**
 * Each file system and mode, recorded and replayed: a store that keeps its promises is found sound, one that acknowledges
 * before it syncs loses what it acknowledged. Where this kernel lacks the file system, the guest's replays.
 */
import { mkdirSync } from 'node:fs';
import { delimiter } from 'node:path';
import { describe, expect, it, type TestContext } from 'vitest';
import { findFilesystem } from '../../src/filesystems/registry.ts';
import { parseFilesystemSpec } from '../../src/filesystems/spec.ts';
import { findProgram } from '../../src/host/find-program.ts';
import type { RunReport } from '../../src/report/report.ts';
import { leftovers } from './support/leftovers.ts';
import { APPEND_LOG, BLOCK_LOG, powercut } from './support/powercut.ts';
import { program } from './support/program.ts';
import { onlyRun, readReport } from './support/report.ts';
import { longTest, missing, requirement } from './support/requirement.ts';
import { workFolder, type WorkFolder } from './support/work-folder.ts';

const OPERATIONS = 5;
const FAULT = ['--fault', 'ack-before-fsync'];

const MODES = [
  'ext4:mkfs.b=1024',
  'ext4:commit=1,noauto_da_alloc,mkfs.O=fast_commit',
  'ext2',
  'xfs:mkfs.b=size=1024',
  'btrfs:mkfs.csum=xxhash',
  'raw',
];

interface Changes {
  /** Further words of the command line. */
  readonly words?: (folder: WorkFolder) => string[];
  /** In place of the store's own. */
  readonly check?: (folder: WorkFolder, check: string) => string;
  readonly env?: (folder: WorkFolder) => Record<string, string>;
}

/** @returns what the one run came to */
async function replay(
  context: TestContext,
  spec: string,
  fault: readonly string[],
  changes: Changes = {},
): Promise<RunReport> {
  requirement(context, 'guest', 'root');
  const { name } = parseFilesystemSpec(spec);
  const lacking = findFilesystem(name)!.tools.find(({ program }) => !findProgram(program));
  if (lacking) missing(context, `${spec}: no ${lacking.program} (apt-get install ${lacking.debianPackage})`);
  const folder = workFolder((remove) => context.onTestFinished(remove));
  const store = name === 'raw' ? BLOCK_LOG : APPEND_LOG;
  const check = changes.check?.(folder, store.check);
  const judge = check === undefined && name !== 'raw' ? APPEND_LOG.called : ['--check', check ?? store.check];
  const commands = ['--workload', store.workload(OPERATIONS, ...fault), ...judge];
  const more = changes.words?.(folder) ?? [];
  const words = ['replay', '--fsck', '--json', 'report.json', '--fs', spec, ...more, ...commands];
  const run = await powercut(words, { ...folder, env: { ...folder.env, ...changes.env?.(folder) } });
  // Neither a native kernel nor the guest's has it.
  if (run.status === 69) missing(context, `${spec}: ${run.stderr.trim().split('\n').at(-1)}`);
  expect([0, 1], run.stderr).toContain(run.status);
  expect(leftovers(folder)).toEqual([]);
  const report = onlyRun(readReport(folder.path('report.json')));
  expect(report.filesystem).toBe(spec);
  expect(report.states.tested).toBe(report.states.distinct);
  expect(report.states.unknown).toBe(0);
  return report;
}

/** Those that no other test has, and whose way to a mounted store is one of their own. */
const ALWAYS = ['ext2', 'raw'];

describe.concurrent.each(MODES)('%s', (spec) => {
  it('is sound under a sound store', async (context) => {
    if (!ALWAYS.includes(spec)) longTest(context);
    const { findings, states, assumptions } = await replay(context, spec, []);
    expect(findings).toEqual([]);
    // Its repair comes first, and that is said.
    if (spec === 'ext2') expect(assumptions).toEqual([expect.stringContaining('e2fsck -f -y')]);
    expect(states.tested).toBeGreaterThan(OPERATIONS);
  });

  it('loses what was acknowledged before it was synced', async (context) => {
    if (!ALWAYS.includes(spec)) longTest(context);
    const { findings } = await replay(context, spec, FAULT);
    expect(findings.map((finding) => [finding.class, finding.blamed])).toEqual([['lost', 'store']]);
  });
});

describe.concurrent('f2fs', () => {
  it('loses what was acknowledged before it was synced', async (context) => {
    longTest(context);
    const { findings } = await replay(context, 'f2fs', FAULT);
    expect(findings.map((finding) => [finding.class, finding.blamed])).toEqual([['lost', 'store']]);
    expect(findings[0]!.states).toBeGreaterThan(1);
  });

  // The fsync after a checkpoint that docs/filesystems.md tells of; a kernel in which that is mended loses nothing.
  it('loses of a sound store no more than its known fault does', async (context) => {
    longTest(context);
    const { findings, states, assumptions } = await replay(context, 'f2fs', []);
    expect(assumptions).toEqual([expect.stringContaining('the first fsync after a checkpoint')]);
    expect(states.violated).toBeLessThanOrEqual(1);
    for (const finding of findings)
      expect(finding.message).toMatch(/^operation 3 is gone \(3 acknowledged, 2 recovered\)$/);
  });
});

it('ext4 without barriers loses everything, and the report says on what disk', async (context) => {
  const { findings, assumptions, states } = await replay(context, 'ext4:barrier=0', []);
  expect(findings).toMatchObject([{ class: 'lost', state: 'base', acked: OPERATIONS }]);
  expect(assumptions).toEqual([
    expect.stringContaining('a disk that keeps its cache (battery, capacitors) is not judged'),
  ]);
  // No flush but powercut's own at the end.
  expect(states).toMatchObject({ distinct: 2, violated: 1 });
});

it("ext2 that its repair cannot put right is the file system's own finding, and is not mounted", async (context) => {
  const { findings, states } = await replay(context, 'ext2', [], {
    check: () => 'false',
    env: (folder) => {
      mkdirSync(folder.path('bin'));
      program(folder, 'bin/e2fsck', 'echo "Inode 12 is bad. Clear? yes"; exit 4');
      return { PATH: [folder.path('bin'), process.env['PATH']].join(delimiter) };
    },
  });
  const expected = { class: 'fsck', blamed: 'filesystem', invariant: 'fsck-repairs', states: states.tested };
  expect(findings).toEqual([expect.objectContaining(expected)]);
  expect(findings[0]!.message).toContain('Inode 12 is bad');
});

it('raw: every state is checked, on a disk that holds what it must and nothing of the check before it', async (context) => {
  const { findings, states } = await replay(context, 'raw', [], {
    words: (folder) => {
      const setup = program(folder, 'setup', 'printf set-up | dd of="$1" conv=notrunc bs=4096 seek=100 status=none');
      // Two disks for each number of acknowledgements.
      return ['--each-barrier', '--in-flight', '--setup', `${setup} {device}`];
    },
    check: (folder, check) => {
      const line = check.replace('{device}', '"$1"').replace('{count}', '"$2"');
      const lines = [
        '[ "$(dd if="$1" bs=4096 skip=100 count=1 status=none | head -c 6)" = set-up ] || { echo lost: set-up; exit 1; }',
        line,
        'status=$?',
        // Half of the damage is still in the kernel's memory when the program ends.
        'head -c 8192 /dev/urandom | dd of="$1" conv=notrunc,fsync status=none',
        'head -c 8192 /dev/urandom | dd of="$1" conv=notrunc bs=4096 seek=2 status=none',
        'head -c 8192 /dev/urandom | dd of="$1" conv=notrunc bs=4096 seek=100 status=none',
        'exit $status',
      ];
      return `${program(folder, 'damaging', ...lines)} {device} {count}`;
    },
  });
  expect(findings).toEqual([]);
  expect(states.reused).toBe(0);
  expect(states.tested).toBeGreaterThan(2 * OPERATIONS);
});
