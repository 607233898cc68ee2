/**
 * Both halves on one kernel, as on a machine that has dm-log-writes itself. Such a machine is to be had anywhere: the guest
 * is one. So the workload of a recording is, here, powercut.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Manifest } from '../../src/pipeline/manifest.ts';
import type { Report } from '../../src/report/report.ts';
import { leftovers } from './support/leftovers.ts';
import { APPEND_LOG, CLI, powercut, REPOSITORY } from './support/powercut.ts';
import { program } from './support/program.ts';
import { onlyRun, parseReport, readReport } from './support/report.ts';
import { requirement } from './support/requirement.ts';
import { workFolder, type WorkFolder } from './support/work-folder.ts';

const SETUP_LOOPDEV = join(REPOSITORY, 'scripts/setup-loopdev.sh');
/** Of what runs in the guest only its output comes out. */
const CUT = '--- cut';
const SEEN = '/var/tmp/seen';

/** What workload and check can see of each other, on one and the same kernel. */
const LOOK_AROUND = [
  'look() {',
  '  echo "$1 boot $(cat /proc/sys/kernel/random/boot_id)"',
  '  echo "$1 shared memory $(ls -A /dev/shm)"',
  `  echo "$1 daemons $(cat /proc/[0-9]*/cmdline | tr '\\0' ' ' | grep -c '[s]leep 4321')"`,
  '}',
];
const WORKLOAD = [
  ...LOOK_AROUND,
  'touch /dev/shm/left-by-the-workload',
  'setsid sleep 4321 &',
  `look workload >>${SEEN}`,
  `exec ${APPEND_LOG.workload(3, '--fault', 'ack-before-fsync').replace('{dir}', '"$1"')}`,
];
const CHECK = [...LOOK_AROUND, `look check >>${SEEN}`, `exec ${APPEND_LOG.check.replace('{dir} {count}', '"$@"')}`];

const recordAndReplay = (workload: string, check: string): string => `
look() { echo "outside boot $(cat /proc/sys/kernel/random/boot_id)"; }
look >>${SEEN}
node '${CLI}' replay --vm off --workers 1 --max-findings 1 --json report.json \\
  --workload '${workload} {dir}' --check '${check} {dir} {count}' >&2 && status=0 || status=$?
echo "status $status"
echo '${CUT}'
cat report.json
echo '${CUT}'
cat ${SEEN}
`;

const DEVICE_BY_HAND = `
'${SETUP_LOOPDEV}' up --size 32M --dir /var/tmp/by-hand >&2
mkfs.ext4 -q -E nodiscard /dev/mapper/powercut-by-hand
mkdir -p /mnt/by-hand
mount /dev/mapper/powercut-by-hand /mnt/by-hand
dmsetup message powercut-by-hand 0 mark hello
echo data >/mnt/by-hand/file
sync /mnt/by-hand/file
dmsetup message powercut-by-hand 0 mark synced
umount /mnt/by-hand
'${SETUP_LOOPDEV}' down --dir /var/tmp/by-hand >&2
node '${CLI}' log --json /var/tmp/by-hand/log.img
echo '${CUT}'
{ losetup --list --noheadings --output BACK-FILE; dmsetup ls; } | grep by-hand || echo 'nothing left'
`;

describe.concurrent('a kernel with dm-log-writes', () => {
  it('records and replays natively; scripts/setup-loopdev.sh makes a device there to log by hand', async (context) => {
    requirement(context, 'guest', 'ext4');
    const folder = workFolder((remove) => context.onTestFinished(remove));
    const nested = recordAndReplay(program(folder, 'workload', ...WORKLOAD), program(folder, 'check', ...CHECK));
    const inTheGuest = program(folder, 'in-the-guest', 'set -e', nested, `echo '${CUT}'`, DEVICE_BY_HAND);
    const { status, stdout, stderr } = await powercut(['record', '--vm', 'uml', '--workload', inTheGuest], folder);
    expect(status, stderr).toBe(0);

    const transcript = readFileSync(join(stdout.trim(), 'transcript.txt'), 'utf8').split(`${CUT}\n`);
    const [nestedStatus, report, seen, log, left] = transcript as [string, string, string, string, string];
    expect(nestedStatus).toBe('status 1\n');
    expectNativeAndLost(parseReport(report));
    expectAnotherMachine(seen);
    expect(marksIn(log)).toEqual(['hello', 'synced', 'dm-log-writes-end']);
    expect(left).toBe('nothing left\n');
    expect(leftovers(folder)).toEqual([]);
  });
});

function expectNativeAndLost(report: Report): void {
  expect(report.verdict).toBe('violated');
  expect(report.environment.runner).toBe(`this kernel, ${report.environment.kernel}`);
  expect(onlyRun(report).findings).toEqual([expect.objectContaining({ class: 'lost', blamed: 'store' })]);
}

/** To a check, the machine has been off since the workload ran. */
function expectAnotherMachine(seen: string): void {
  const lines = [...new Set(seen.trimEnd().split('\n'))];
  const boots = lines.map((line) => / boot (\S+)$/.exec(line)?.[1]).filter(Boolean);
  expect(boots).toHaveLength(3);
  expect(new Set(boots).size).toBe(3);
  expect(lines).toContain('workload shared memory left-by-the-workload');
  expect(lines).toContain('check shared memory ');
  expect(lines).toContain('workload daemons 1');
  expect(lines).toContain('check daemons 0');
  expect(lines).toHaveLength(7);
}

function marksIn(log: string): string[] {
  const entries = log
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as { mark?: string });
  return entries.flatMap(({ mark }) => mark ?? []);
}

describe.concurrent('a device with 4096-byte sectors', () => {
  it('is recorded and replayed as such', async (context) => {
    requirement(context, 'guest', 'native replay', 'xfs');
    const folder = workFolder((remove) => context.onTestFinished(remove));
    const words = ['replay', '--sector-size', '4096', '--fs', 'xfs', '--json', 'report.json'];
    const store = ['--workload', APPEND_LOG.workload(4), '--check', `${checkedBlockSize(folder)} {dir} {count}`];
    const { status, stderr } = await powercut([...words, ...store], folder);
    expect(status, stderr).toBe(0);
    const report = readReport(folder.path('report.json'));
    expect(onlyRun(report).states.tested).toBeGreaterThan(0);
    const manifest = readFileSync(folder.path('.powercut/recordings', report.recording!.id, 'manifest.json'), 'utf8');
    expect((JSON.parse(manifest) as Manifest).device.sectorBytes).toBe(4096);
  });
});

/** A check that also looks whether the device that it is on has such sectors, too. */
function checkedBlockSize(folder: WorkFolder): string {
  return program(
    folder,
    'check',
    'device=$(findmnt --noheadings --output SOURCE "$1")',
    '[ "$(cat "/sys/block/${device##*/}/queue/logical_block_size")" = 4096 ] || { echo "corrupt: other sectors"; exit 1; }',
    `exec ${APPEND_LOG.check.replace('{dir} {count}', '"$@"')}`,
  );
}
