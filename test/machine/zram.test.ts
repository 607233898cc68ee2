/** Crash states on zram instead of loop devices: the same disks, the same verdicts, and nothing of it stays. */
import { existsSync, readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it, type TestContext } from 'vitest';
import { openImage } from '../../src/engine/open-image.ts';
import type { DiskChoice } from '../../src/engine/requests.ts';
import type { RestorableImage } from '../../src/engine/restorable-image.ts';
import { FILESYSTEMS } from '../../src/filesystems/registry.ts';
import { ownerName } from '../../src/host/owner.ts';
import { flushBlockDevice } from '../../src/host/sys/block-cache.ts';
import { addZram, deadZrams, zramObstacle } from '../../src/host/zram.ts';
import type { ReplaySources } from '../../src/replay/content-map.ts';
import { openBpfTracer } from '../../src/tracer/bpf-tracer.ts';
import { CheckedTracer } from '../../src/tracer/checked-tracer.ts';
import { openTracefsTracer } from '../../src/tracer/tracefs-tracer.ts';
import { GIB } from '../../src/units.ts';
import { obstacleToTracer } from './needs.ts';
import {
  disturb,
  imageOf,
  pristineOf,
  recordedExt4,
  statesOf,
  useBench,
  useRecordings,
} from './support/crash-images.ts';
import { describeProcess, leftovers, processesOf, withoutProcesses } from './support/leftovers.ts';
import { APPEND_LOG, powercut, startPowercut } from './support/powercut.ts';
import { onlyRun, readReport } from './support/report.ts';
import { longTest, missing, requirement } from './support/requirement.ts';
import { shared } from './support/shared.ts';
import { workFolder, type WorkFolder } from './support/work-folder.ts';

const POLL_MS = 20;
const CLAIMS = '/run/powercut-zram';
const TRACERS = {
  bpf: () => new CheckedTracer(openBpfTracer()),
  tracefs: () => new CheckedTracer(openTracefsTracer()),
};

const bench = useBench();
const recorded = useRecordings();

function demandZram(context: TestContext): void {
  requirement(context, 'guest', 'native replay', 'ext4');
  const obstacle = zramObstacle();
  if (obstacle !== undefined) missing(context, `zram: ${obstacle}`);
}

describe.each(Object.keys(TRACERS) as (keyof typeof TRACERS)[])('a zram disk with the %s tracer', (kind) => {
  it.for(['ext4', 'xfs', 'btrfs'] as const)(
    'holds every %s state, and is put back to the byte',
    async (name, context) => {
      demandZram(context);
      if (name !== 'ext4' || kind !== 'bpf') longTest(context);
      if (name !== 'ext4') requirement(context, name);
      const reason = obstacleToTracer(TRACERS[kind]);
      if (reason !== undefined) missing(context, reason);
      const sources = await recorded(name, '--sector-size', '4096', '--size', name === 'ext4' ? '32M' : '320M');
      const image = imageOf(bench, sources, TRACERS[kind], 'zram');
      const pristine = pristineOf(bench, sources);
      let dirty = 0;
      const doubted: number[] = [];
      const states = statesOf(sources);
      expect(states.length).toBeGreaterThan(30);
      for (const [round, entry] of states.entries()) {
        pristine.rollTo(entry);
        image.rollTo(entry);
        const expected = readFileSync(pristine.path);
        expect(holds(image, expected), `state ${entry} before it is mounted`).toBe(true);
        disturb(bench, image, FILESYSTEMS[name], round);
        if (!holds(image, expected)) dirty++;
        const trace = image.restore();
        if (!trace.written || !trace.read) doubted.push(round);
        expect(holds(image, expected), `state ${entry} put back`).toBe(true);
      }
      // Else nothing was proven.
      expect(dirty).toBe(states.length);
      // Of discards the kernel keeps no count: after fstrim, and always on btrfs, the whole disk is compared.
      if (name !== 'btrfs') expect(doubted.filter((round) => round % 8 > 0)).toEqual([]);
    },
  );
});

/** What the device itself has, nothing of it from the page cache. */
function holds({ device }: RestorableImage, expected: Buffer): boolean {
  flushBlockDevice(device.fd, device.path);
  return readFileSync(device.path).equals(expected);
}

describe('which disk is chosen', () => {
  it('zram where it is to be had and the blocks are its own, else a loop device', async (context) => {
    demandZram(context);
    const place = { folder: bench.folder, blockBytes: 4096 };
    const sources = await recorded('ext4', '--sector-size', '4096', '--size', '32M');
    const nameOf = (from: ReplaySources, where: typeof place, choice: DiskChoice, discards = false): string => {
      const { image, result } = openImage(from, where, choice, discards);
      const { name } = image.device;
      expect(result.disk).toEqual(name.startsWith('zram') ? 'zram, compressed memory' : undefined);
      image.close();
      expect(existsSync(`/sys/block/${name}/disksize`)).toBe(false);
      return name;
    };
    expect(nameOf(sources, place, 'auto')).toMatch(/^zram\d+$/);
    expect(nameOf(sources, place, 'zram')).toMatch(/^zram\d+$/);
    expect(nameOf(sources, place, 'loop')).toMatch(/^loop\d+$/);
    expect(nameOf(sources, place, 'auto', true)).toMatch(/^loop\d+$/);
    expect(nameOf(sources, place, 'zram', true)).toMatch(/^zram\d+$/);
    // Its table and a comparison would cost by the size of the disk, not by what it holds.
    const large = join(bench.folder, 'large.img');
    writeFileSync(large, '');
    truncateSync(large, 5 * GIB);
    expect(nameOf({ ...sources, base: large }, place, 'auto')).toMatch(/^loop\d+$/);
    const of512 = { ...place, blockBytes: 512 };
    expect(nameOf(recordedExt4(bench), of512, 'auto')).toMatch(/^loop\d+$/);
    expect(() => openImage(recordedExt4(bench), of512, 'zram', false)).toThrow(
      'crash states cannot be put on zram: it has blocks of 4096 bytes, the recorded disk 512',
    );
  });
});

describe('a zram device', () => {
  /** The same pid, another start. */
  const dead = ownerName().replace(/\d+$/, '1');

  it('is claimed by its owner, and removed with the owner only', (context) => {
    demandZram(context);
    const device = addZram(1 << 20, bench.folder);
    const { name } = device;
    expect(claimsOn(name)).toEqual([expect.stringContaining(ownerName())]);
    expect(deadZrams().map((each) => each.name)).not.toContain(name);
    device.release();
    expect(existsSync(`/sys/block/${name}`)).toBe(false);
    expect(claimsOn(name)).toEqual([]);
  });

  it('that has the number of one whose owner died is left alone', (context) => {
    demandZram(context);
    const device = addZram(1 << 20, bench.folder);
    const { name } = device;
    const stale = join(CLAIMS, `${dead}-${name}s1`);
    writeFileSync(stale, '');
    for (const each of deadZrams().filter((one) => one.name === name)) each.remove();
    expect(existsSync(stale)).toBe(false);
    expect(existsSync(`/sys/block/${name}`)).toBe(true);
    device.release();
  });
});

const claimsBy = (pid: number): string[] => readdirSync(CLAIMS).filter((file) => file.split('-')[3] === `${pid}`);
const claimsOn = (name: string): string[] => readdirSync(CLAIMS).filter((file) => file.includes(`-${name}s`));

describe.concurrent('a run on zram', () => {
  const faulty = shared(async (folder) => {
    const workload = APPEND_LOG.workload(4, '--fault', 'ack-before-fsync');
    const run = await powercut(['record', '--sector-size', '4096', '--workload', workload], folder);
    expect(run.status, run.stderr).toBe(0);
    return run.stdout.trim();
  });
  const SLOW = ['--scratch-disk', 'zram', '--workers', '1', '--check', 'sleep 2'];

  it('finds what a run on loop devices finds, and says where it was', async (context) => {
    demandZram(context);
    const folder = workFolder((remove) => context.onTestFinished(remove));
    const found = [];
    for (const disk of ['loop', 'auto']) {
      const words = ['--scratch-disk', disk, '--no-reuse', '--json', 'report.json', ...APPEND_LOG.called];
      const run = await powercut(['replay', await faulty(), ...words], folder);
      expect(run.status, run.stderr).toBe(1);
      expect(run.stderr.includes('note: crash states are on: zram')).toBe(disk === 'auto');
      const { states, findings } = onlyRun(readReport(folder.path('report.json')));
      found.push({ states, findings });
    }
    expect(found[1]).toEqual(found[0]);
    expect(leftovers(folder)).toEqual([]);
  });

  it('loses one state with an engine that is killed, and leaves no device behind', async (context) => {
    longTest(context);
    demandZram(context);
    const folder = workFolder((remove) => context.onTestFinished(remove));
    const run = startPowercut(['replay', await faulty(), ...SLOW, '--json', 'report.json'], folder);
    const engine = await engineIn(folder);
    process.kill(engine, 'SIGKILL');
    expect((await run.ended).status).toBe(2);
    expect(onlyRun(readReport(folder.path('report.json'))).states).toMatchObject({ unknown: 1, violated: 0 });
    expect(claimsBy(engine)).toEqual([]);
  });

  it('that is killed as a whole leaves a device that `powercut clean` removes', async (context) => {
    demandZram(context);
    const folder = workFolder((remove) => context.onTestFinished(remove));
    const run = startPowercut(['replay', await faulty(), ...SLOW], folder);
    const engine = await engineIn(folder);
    const [, name = ''] = /-(zram\d+)s\d+/.exec(claimsBy(engine).join(' ')) ?? [];
    expect(existsSync(`/sys/block/${name}/disksize`)).toBe(true);
    run.kill('SIGSTOP');
    process.kill(engine, 'SIGKILL');
    run.kill('SIGKILL');
    await run.ended;
    // Another run that begins just now may be first.
    const { status, stderr } = await powercut(['clean'], folder);
    expect(status, stderr).toBe(0);
    expect(existsSync(`/sys/block/${name}`)).toBe(false);
    expect(claimsBy(engine)).toEqual([]);
    await withoutProcesses(folder);
    expect(leftovers(folder)).toEqual([]);
  });

  /** Waits for a state's check. */
  async function engineIn(folder: WorkFolder): Promise<number> {
    for (;;) {
      const processes = processesOf(folder).map((pid) => ({ pid, words: describeProcess(pid) }));
      const engine = processes.find(({ words }) => words.endsWith('dist/bin/engine.js'));
      if (engine && processes.some(({ words }) => words.endsWith(': sleep 2'))) return engine.pid;
      await sleep(POLL_MS);
    }
  }
});
