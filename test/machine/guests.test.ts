/**
 * Every kind of guest that there is: the same workloads, the same verdicts. Those that this machine lacks are skipped, each
 * with its reason. QEMU without KVM translates every instruction, so what is asked of a guest here is little.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, type TestContext } from 'vitest';
import { messageOf } from '../../src/errors.ts';
import { findGuest, GUEST_KINDS, type Guest, type GuestKind } from '../../src/guest/guests.ts';
import { findKernel } from '../../src/guest/kernel.ts';
import { proveBoot } from '../../src/guest/prove-boot.ts';
import type { Manifest } from '../../src/pipeline/manifest.ts';
import type { Report } from '../../src/report/report.ts';
import { describeProcess, leftovers, processesOf, withoutProcesses } from './support/leftovers.ts';
import { APPEND_LOG, powercut, startPowercut, type Run } from './support/powercut.ts';
import { program } from './support/program.ts';
import { onlyRun, readReport } from './support/report.ts';
import { longTest, missing, requirement, type Need } from './support/requirement.ts';
import { workFolder, type WorkFolder } from './support/work-folder.ts';

const GUEST_TIMEOUT_MS = 900_000;
const OPERATIONS = 3;
const MEMORY_MIB = 768;
const OWN_FILE = '/var/tmp/powercut-written-in-the-guest';

const guests = new Map<GuestKind, Promise<Guest>>();

/** Ends the test as skipped when this machine has no such guest. */
async function begin(
  context: TestContext,
  kind: GuestKind,
  ...needs: Need[]
): Promise<{ folder: WorkFolder; guest: Guest }> {
  requirement(context, ...needs);
  const finding = guests.get(kind) ?? findGuest(kind);
  guests.set(kind, finding);
  const guest = await finding.catch((error: unknown) => skip(context, kind, messageOf(error)));
  return { guest, folder: workFolder((remove) => context.onTestFinished(remove)) };
}

/** That a machine may run virtual machines is nothing that can be installed, so nobody can require it. */
function skip(context: TestContext, kind: GuestKind, reason: string): never {
  if (kind !== 'kvm') return missing(context, `${kind}: ${reason}`);
  process.stderr.write(`skipped: ${context.task.name}: kvm: ${reason}\n`);
  return context.skip(`kvm: ${reason}`);
}

async function replay(
  folder: WorkFolder,
  words: readonly string[],
  workload: string,
): Promise<{ run: Run; report: Report; manifest: Manifest }> {
  const store = ['--workload', workload, '--check', APPEND_LOG.check];
  const run = await powercut(['replay', '--json', 'report.json', ...words, ...store], folder);
  expect([0, 1], run.stderr).toContain(run.status);
  const report = readReport(folder.path('report.json'));
  const text = readFileSync(folder.path('.powercut/recordings', report.recording!.id, 'manifest.json'), 'utf8');
  return { run, report, manifest: JSON.parse(text) as Manifest };
}

describe('what proves that KVM works', () => {
  it('is a boot, which succeeds without KVM', { timeout: GUEST_TIMEOUT_MS }, async (context) => {
    await begin(context, 'tcg');
    expect(await proveBoot('tcg', findKernel(), GUEST_TIMEOUT_MS)).toBeUndefined();
  });

  it('gives up on a machine that does not get there', { timeout: GUEST_TIMEOUT_MS }, async (context) => {
    await begin(context, 'tcg');
    expect(await proveBoot('tcg', findKernel(), 10)).toBe('a machine did not start within 0.01 s');
    const none = { ...findKernel(), image: '/dev/null' };
    expect(await proveBoot('tcg', none, GUEST_TIMEOUT_MS)).toMatch(/^a machine ended before it had started: qemu/);
  });
});

describe.for(GUEST_KINDS)('guest %s', (kind) => {
  it("shows the host's files and changes none, within its memory", { timeout: GUEST_TIMEOUT_MS }, async (context) => {
    if (kind === 'tcg') longTest(context);
    const { folder, guest } = await begin(context, kind, 'ext4');
    const look = program(
      folder,
      'look',
      'echo "kernel $(uname -r)"',
      'echo "memory $(awk \'/MemTotal/ { print $2 }\' /proc/meminfo)"',
      `echo "text $(cat '${folder.path('text')}')"`,
      `echo changed >${OWN_FILE}; echo "own $(cat ${OWN_FILE})"`,
      `echo changed >'${folder.path('text')}'; echo "text $(cat '${folder.path('text')}')"`,
    );
    program(folder, 'text', 'of the host');
    const words = ['record', '--vm', kind, '--vm-memory', `${MEMORY_MIB}M`, '--size', '32M', '--workload', look];
    const run = await powercut(words, folder);
    expect(run.status, run.stderr).toBe(0);
    const said = readFileSync(join(run.stdout.trim(), 'transcript.txt'), 'utf8').split('\n');
    expect(said).toContain(`kernel ${guest.kernel}`);
    expect(said).toEqual(expect.arrayContaining(['text #!/bin/bash', 'own changed', 'text changed']));
    const memoryKib = Number(/\d+/.exec(said.find((line) => line.startsWith('memory '))!)![0]);
    expect(memoryKib).toBeLessThanOrEqual(MEMORY_MIB * 1024);
    expect(existsSync(OWN_FILE)).toBe(false);
    expect(readFileSync(folder.path('text'), 'utf8')).toContain('of the host');
    expect(leftovers(folder)).toEqual([]);
  });

  it('sees a sound store pass on xfs', { timeout: GUEST_TIMEOUT_MS }, async (context) => {
    longTest(context);
    const { folder, guest } = await begin(context, kind, 'xfs');
    const { run, report, manifest } = await replay(
      folder,
      ['--vm', kind, '--fs', 'xfs'],
      APPEND_LOG.workload(OPERATIONS),
    );
    expect({ status: run.status, verdict: report.verdict }).toEqual({ status: 0, verdict: 'ok' });
    const { states } = onlyRun(report);
    expect(states.tested).toBe(states.distinct);
    expect(states.tested).toBeGreaterThan(0);
    expect(states.unknown).toBe(0);
    const kernels = [report.environment.kernel, report.recording!.kernel, manifest.kernel];
    expect(kernels).toEqual([guest.kernel, guest.kernel, guest.kernel]);
    expect(report.environment.runner).toMatch(
      new RegExp(`^a guest, .*${guest.kernel} \\(asked for with --vm ${kind}\\)$`),
    );
    expect(leftovers(folder)).toEqual([]);
  });

  it('sees a faulty store caught on ext4', { timeout: GUEST_TIMEOUT_MS }, async (context) => {
    if (kind === 'tcg') longTest(context);
    const { folder } = await begin(context, kind, 'ext4');
    const workload = APPEND_LOG.workload(OPERATIONS, '--fault', 'ack-before-fsync');
    const { run, report } = await replay(folder, ['--vm', kind, '--max-findings', '1'], workload);
    expect({ status: run.status, verdict: report.verdict }).toEqual({ status: 1, verdict: 'violated' });
    expect(onlyRun(report).findings).toEqual([expect.objectContaining({ class: 'lost', blamed: 'store' })]);
    expect(leftovers(folder)).toEqual([]);
  });

  it('tells of a kernel that panics, in its own words', { timeout: GUEST_TIMEOUT_MS }, async (context) => {
    if (kind === 'tcg') longTest(context);
    const { folder } = await begin(context, kind, 'ext4');
    const panic = program(
      folder,
      'panic',
      'echo 1 >/proc/sys/kernel/sysrq',
      'echo c >/proc/sysrq-trigger',
      'sleep 600',
    );
    const run = await powercut(['record', '--vm', kind, '--size', '32M', '--workload', panic], folder);
    expect(run.status).toBe(70);
    expect(run.stderr).toContain('the engine died');
    expect(run.stderr).toMatch(/Kernel panic - not syncing/);
    expect(leftovers(folder)).toEqual([]);
  });

  it('ends when powercut is killed, at the start or at work', { timeout: GUEST_TIMEOUT_MS }, async (context) => {
    if (kind === 'tcg') longTest(context);
    const { folder } = await begin(context, kind, 'ext4');
    const words = ['record', '--vm', kind, '--size', '32M', '--workload', 'sleep 600'];
    for (const ready of [() => machineOf(folder), (run: Recording) => run.said(/recording ext4: workload/)]) {
      const run = startPowercut(words, folder);
      await ready(run);
      run.kill('SIGKILL');
      await run.ended;
      await withoutProcesses(folder);
    }
    expect((await powercut(['clean'], folder)).status).toBe(0);
    expect(leftovers(folder)).toEqual([]);
  });
});

type Recording = ReturnType<typeof startPowercut>;

/** Waits until the guest's process is there. */
async function machineOf(folder: WorkFolder): Promise<void> {
  const isMachine = (pid: number): boolean => /qemu-system|linux\.uml/.test(describeProcess(pid));
  while (!processesOf(folder).some(isMachine)) await new Promise((resolve) => setTimeout(resolve, 50));
}
