/**
 * Tries crash states one after the other: rolls a pristine image forward, gives each state a copy of its own behind a loop
 * device, mounts it (the file system recovers), lets the store recover, checks, unmounts. Whatever recovery and check
 * write goes with the copy.
 */
import { closeSync, mkdirSync, openSync, unlinkSync, writeFileSync } from 'node:fs';
import { totalmem } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { fsckVerdict, kernelVerdict, mountVerdict } from '../checks/filesystem-outcome.ts';
import { checkVerdict, recoverVerdict } from '../checks/outcome.ts';
import { worse, type Verdict } from '../checks/verdict.ts';
import { indexLog, type LogIndex } from '../dmlog/log-index.ts';
import { openLogFile } from '../dmlog/log-source.ts';
import type { Filesystem } from '../filesystems/filesystem.ts';
import { splitMountOptions } from '../filesystems/mount-flags.ts';
import { requireFilesystem } from './require-filesystem.ts';
import { openKernelMessages, type KernelMessages } from '../host/kernel-messages.ts';
import { attachLoop, type LoopDevice } from '../host/loop-device.ts';
import { unmountPatiently } from '../host/mounted.ts';
import { runCommand } from '../host/run-command.ts';
import { runTool } from '../host/run-tool.ts';
import type { Scope } from '../host/scope.ts';
import { scratchMemory } from '../host/scratch.ts';
import { copySparse } from '../host/sparse.ts';
import { mount } from '../host/sys/mount.ts';
import { readAcknowledgements, type Acknowledgements } from '../replay/acknowledged.ts';
import { parseCrashState } from '../replay/crash-state.ts';
import { settleInversions } from '../replay/inversion.ts';
import { RollingImage } from '../replay/rolling-image.ts';
import { markKind } from '../stores/mark-kind.ts';
import { contractEnvironment, fillPlaceholders, type ContractValues } from '../stores/placeholders.ts';
import { DumpJudge, type RunLimits } from './dump-judge.ts';
import type { OpenRequest, StateTiming, TriedState, TryRequest } from './requests.ts';
import { prepareNamespace, STORE_FOLDER } from './store-folder.ts';

const OK: Verdict = { kind: 'ok' };

export class StateTrier {
  readonly #request: OpenRequest;
  readonly #filesystem: Filesystem;
  readonly #scratch: string;
  readonly #image: RollingImage;
  readonly #acknowledgements: Acknowledgements;
  readonly #kernel: KernelMessages | undefined;
  readonly #dumps: DumpJudge | undefined;

  constructor(scope: Scope, request: OpenRequest) {
    this.#request = request;
    this.#filesystem = requireFilesystem(request.filesystem);
    this.#scratch = scratchMemory(scope, Math.floor(totalmem() * 0.8));
    prepareNamespace(scope, this.#scratch, `crash states of ${request.recordingId}`);
    mkdirSync(STORE_FOLDER, { recursive: true });
    const { index, image } = openRecording(request, join(this.#scratch, 'pristine.img'));
    scope.add('pristine image', () => image.close());
    this.#image = image;
    this.#acknowledgements = readAcknowledgements(index, markKind);
    this.#dumps = DumpJudge.for(request, index);
    this.#kernel = openKernelMessages();
    scope.add('kernel messages', () => this.#kernel?.close());
  }

  async try(request: TryRequest): Promise<TriedState> {
    const clock = new Stopwatch();
    this.#image.rollTo(parseCrashState(request.state).crashPoint);
    const copy = join(this.#scratch, 'state.img');
    copySparse(this.#image.path, copy);
    const device = attachLoop(copy, this.#scratch, this.#request.sectorBytes);
    try {
      return await this.#tryOn(device, request, clock);
    } finally {
      device.release();
      unlinkSync(copy);
    }
  }

  async #tryOn(device: LoopDevice, request: TryRequest, clock: Stopwatch): Promise<TriedState> {
    const timing: { -readonly [Key in keyof StateTiming]: number } = {
      prepareMs: clock.lap(),
      mountMs: 0,
      recoverMs: 0,
      checkMs: 0,
      unmountMs: 0,
    };
    this.#kernel?.drain();
    const failure = this.#mount(device.path);
    timing.mountMs = clock.lap();
    if (failure !== undefined) {
      const filesystemVerdict = mountVerdict(failure, this.#messagesAbout(device));
      return { state: request.state, verdict: filesystemVerdict, filesystemVerdict, timing };
    }
    const values = this.#values(request);
    let verdict = await this.#recover(values);
    timing.recoverMs = clock.lap();
    const dumped = await this.#dumps?.judge(verdict, request.state, (words, options) =>
      this.#run(words, values, options),
    );
    // What the history says of a violation is more exact than what a check can say.
    if (verdict.kind === 'ok' && dumped?.verdict.kind !== 'violated') verdict = await this.#check(values);
    if (dumped) verdict = worse(dumped.verdict, verdict);
    timing.checkMs = clock.lap();
    const unmounted = await unmountPatiently(STORE_FOLDER);
    timing.unmountMs = clock.lap();
    if (!unmounted)
      verdict = worse(verdict, { kind: 'unknown', reason: 'the file system was still in use 10 s after the check' });
    const filesystemVerdict = worse(kernelVerdict(this.#damage(device)), await this.#fsck(device));
    return { state: request.state, verdict, filesystemVerdict, timing, ...(dumped && { losses: dumped.losses }) };
  }

  /** @returns the errno's name when the kernel would not mount it */
  #mount(source: string): string | undefined {
    const { flags, data } = splitMountOptions([...this.#request.mountOptions, ...this.#filesystem.recoveryOptions]);
    try {
      mount({ source, target: STORE_FOLDER, type: this.#filesystem.name, flags, data });
      return undefined;
    } catch (error) {
      return (error as NodeJS.ErrnoException).code ?? String(error);
    }
  }

  #values({ ackCount }: TryRequest): ContractValues {
    const ids = this.#acknowledgements.ids.slice(0, ackCount);
    const acked = join(this.#scratch, 'acked');
    writeFileSync(acked, ids.map((id) => `${id}\n`).join(''));
    return { dir: STORE_FOLDER, acked, count: ackCount, last: ids.at(-1) ?? '' };
  }

  async #recover(values: ContractValues): Promise<Verdict> {
    const { recover, recoverTimeoutMs } = this.#request;
    return recover ? recoverVerdict(await this.#run(recover, values, { timeoutMs: recoverTimeoutMs })) : OK;
  }

  async #check(values: ContractValues): Promise<Verdict> {
    const { check, checkTimeoutMs } = this.#request;
    return check ? checkVerdict(await this.#run(check, values, { timeoutMs: checkTimeoutMs })) : OK;
  }

  #run(words: readonly string[], values: ContractValues, options: RunLimits): ReturnType<typeof runCommand> {
    const { cwd, env } = this.#request;
    return runCommand(fillPlaceholders(words, values), {
      cwd,
      ...options,
      env: { ...env, ...contractEnvironment(values) },
    });
  }

  async #fsck(device: LoopDevice): Promise<Verdict> {
    if (!this.#request.fsck) return OK;
    const argv = this.#filesystem.fsck(device.path);
    const { exitStatus, output } = await runTool(argv);
    return fsckVerdict(this.#filesystem.fsckOutcome(exitStatus, output), argv, exitStatus, output);
  }

  #messagesAbout(device: LoopDevice): string[] {
    return (this.#kernel?.drain() ?? []).filter((line) => namesDevice(line, device.name));
  }

  /** Lines that mean damage: the file system's own about this device, and the kernel's about itself, which name none. */
  #damage(device: LoopDevice): string[] {
    return (this.#kernel?.drain() ?? []).filter(
      (line) =>
        (namesDevice(line, device.name) || /\b(?:WARNING|BUG|Oops)\b/.test(line)) &&
        this.#filesystem.kernelDamage.some((pattern) => pattern.test(line)),
    );
  }
}

/** `loop1` must not be found in a message about `loop12`. */
function namesDevice(line: string, name: string): boolean {
  return new RegExp(`\\b${name}\\b`).test(line);
}

class Stopwatch {
  #last = performance.now();

  /** Milliseconds since the last lap. */
  lap(): number {
    const now = performance.now();
    const elapsed = now - this.#last;
    this.#last = now;
    return elapsed;
  }
}

function openRecording(request: OpenRequest, path: string): { index: LogIndex; image: RollingImage } {
  const [base, log, final] = ['base.img', 'log', 'final.img'].map((name) => join(request.folder, name)) as [
    string,
    string,
    string,
  ];
  const source = openLogFile(log);
  const index = indexLog(source);
  source.close();
  const logFd = openSync(log, 'r');
  const finalFd = openSync(final, 'r');
  const { corrections } = settleInversions(index, logFd, finalFd);
  closeSync(logFd);
  closeSync(finalFd);
  return { index, image: new RollingImage({ base, log, index, corrections }, path) };
}
