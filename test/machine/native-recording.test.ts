/**
 * Both halves on one kernel, as on a machine that has dm-log-writes itself. Such a machine is to be had anywhere: the guest
 * is one. So the workload of a recording is, here, powercut.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Manifest } from '../../src/pipeline/manifest.ts';
import { leftovers } from './support/leftovers.ts';
import { APPEND_LOG, CLI, powercut, REPOSITORY } from './support/powercut.ts';
import { onlyRun, parseReport, readReport } from './support/report.ts';
import { requirement } from './support/requirement.ts';
import { workFolder, type WorkFolder } from './support/work-folder.ts';

const FAULTY_STORE = `--workload '${APPEND_LOG.workload(3, '--fault', 'ack-before-fsync')}' --check '${APPEND_LOG.check}'`;
const SETUP_LOOPDEV = join(REPOSITORY, 'scripts/setup-loopdev.sh');
/** Of what runs in the guest only its output comes out. */
const CUT = '--- cut';

const RECORD_AND_REPLAY = `
node '${CLI}' replay --vm off --max-findings 1 --json report.json ${FAULTY_STORE} >&2 && status=0 || status=$?
echo "status $status"
echo '${CUT}'
cat report.json
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

function script(folder: WorkFolder, ...parts: readonly string[]): string {
  const path = folder.path('in-the-guest');
  writeFileSync(path, `#!/bin/sh\nset -e\n${parts.join(`echo '${CUT}'\n`)}`, { mode: 0o755 });
  return path;
}

describe.concurrent('a kernel with dm-log-writes', () => {
  it('records and replays natively; scripts/setup-loopdev.sh makes a device there to log by hand', async (context) => {
    requirement(context, 'guest', 'ext4');
    const folder = workFolder((remove) => context.onTestFinished(remove));
    const workload = script(folder, RECORD_AND_REPLAY, DEVICE_BY_HAND);
    const { status, stdout, stderr } = await powercut(['record', '--vm', 'uml', '--workload', workload], folder);
    expect(status, stderr).toBe(0);

    const transcript = readFileSync(join(stdout.trim(), 'transcript.txt'), 'utf8').split(`${CUT}\n`);
    const [nestedStatus, nestedReport, log, left] = transcript as [string, string, string, string];
    expect(nestedStatus).toBe('status 1\n');
    const { verdict, environment, ...report } = parseReport(nestedReport);
    expect(verdict).toBe('violated');
    expect(environment.runner).toBe(`this kernel, ${environment.kernel}`);
    expect(onlyRun({ verdict, environment, ...report }).findings).toEqual([expect.objectContaining({ class: 'lost' })]);

    const marks = log
      .split('\n')
      .filter(Boolean)
      .map((line) => (JSON.parse(line) as { mark?: string }).mark);
    expect(marks.filter(Boolean)).toEqual(['hello', 'synced', 'dm-log-writes-end']);
    expect(left).toBe('nothing left\n');
    expect(leftovers(folder)).toEqual([]);
  });
});

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
    const manifest = readFileSync(folder.path('.powercut/recordings', report.recording.id, 'manifest.json'), 'utf8');
    expect((JSON.parse(manifest) as Manifest).device.sectorBytes).toBe(4096);
  });
});

/** A check that also looks whether the device that it is on has such sectors, too. */
function checkedBlockSize(folder: WorkFolder): string {
  const path = folder.path('check');
  const lines = [
    '#!/bin/sh',
    'device=$(findmnt --noheadings --output SOURCE "$1")',
    '[ "$(cat "/sys/block/${device##*/}/queue/logical_block_size")" = 4096 ] || { echo "corrupt: other sectors"; exit 1; }',
    `exec ${APPEND_LOG.check.replace('{dir} {count}', '"$@"')}`,
  ];
  writeFileSync(path, `${lines.join('\n')}\n`, { mode: 0o755 });
  return path;
}
