/**
 * Tries crash states one after the other on one scratch image: rolls it forward, mounts it (the file system recovers), lets
 * the store recover, checks, unmounts, and puts back what all that wrote.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { totalmem } from 'node:os';
import { join } from 'node:path';
import { fsckVerdict, kernelVerdict, mountVerdict } from '../checks/filesystem-outcome.ts';
import { checkVerdict, recoverVerdict } from '../checks/outcome.ts';
import { worse, type Verdict } from '../checks/verdict.ts';
import { loadCheck } from '../config/load-check.ts';
import type { CheckFunction } from '../config/config.ts';
import type { Filesystem } from '../filesystems/filesystem.ts';
import { splitMountOptions } from '../filesystems/mount-flags.ts';
import { openKernelMessages, type KernelMessages } from '../host/kernel-messages.ts';
import type { LoopDevice } from '../host/loop-device.ts';
import { unmountPatiently } from '../host/mounted.ts';
import { runCommand } from '../host/run-command.ts';
import { runTool } from '../host/run-tool.ts';
import type { Scope } from '../host/scope.ts';
import { scratchMemory } from '../host/scratch.ts';
import { detachMount, mount } from '../host/sys/mount.ts';
import { readAcknowledgements, type Acknowledgements } from '../replay/acknowledged.ts';
import { parseCrashState } from '../replay/crash-state.ts';
import { markKind } from '../stores/mark-kind.ts';
import { contractEnvironment, fillPlaceholders, type ContractValues } from '../stores/placeholders.ts';
import { chooseTracer, describeTracer, type TracerChoice } from '../tracer/choose-tracer.ts';
import { callCheck } from './call-check.ts';
import { DumpJudge, type RunLimits } from './dump-judge.ts';
import type { OpenRequest, StateTiming, TriedState, TryRequest } from './requests.ts';
import { openSources } from './open-sources.ts';
import { requireFilesystem } from './require-filesystem.ts';
import { RestorableImage } from './restorable-image.ts';
import { emptySharedMemory, prepareNamespace, STORE_FOLDER } from './store-folder.ts';
import { Stopwatch } from './stopwatch.ts';
import { treeHash } from './tree-hash.ts';
import { VerdictMemory } from './verdict-memory.ts';

const OK: Verdict = { kind: 'ok' };
const STILL_IN_USE: Verdict = { kind: 'unknown', reason: 'the file system was still in use 10 s after the check' };
/** Trees up to this size are compared with those already judged. */
const TREE_LIMIT_BYTES = 64 * 2 ** 20;

type Judged = Pick<TriedState, 'verdict' | 'reused' | 'losses'>;
type Timing = { -readonly [Key in keyof StateTiming]: number };

export class StateTrier {
  /** How what a state changed is found, and why not in a better way. */
  readonly tracing: string;
  readonly #request: OpenRequest;
  readonly #filesystem: Filesystem;
  readonly #scratch: string;
  readonly #image: RestorableImage;
  readonly #acknowledgements: Acknowledgements;
  readonly #kernel: KernelMessages | undefined;
  readonly #dumps: DumpJudge | undefined;
  #function: Promise<CheckFunction> | undefined;
  readonly #judged = new VerdictMemory();

  constructor(scope: Scope, request: OpenRequest) {
    this.#request = request;
    this.#filesystem = requireFilesystem(request.filesystem);
    this.#scratch = scratchMemory(scope, Math.floor(totalmem() * 0.8));
    prepareNamespace(scope, this.#scratch, `crash states of ${request.recordingId}`);
    mkdirSync(STORE_FOLDER, { recursive: true });
    const sources = openSources(request.folder);
    let choice: TracerChoice | undefined;
    this.#image = new RestorableImage(sources, {
      folder: this.#scratch,
      blockBytes: request.sectorBytes,
      tracerFor: (device) => (choice = chooseTracer(device)).tracer,
    });
    scope.add('scratch image', () => this.#image.close());
    this.tracing = describeTracer(choice!);
    this.#acknowledgements = readAcknowledgements(sources.index, markKind);
    this.#dumps = DumpJudge.for(request, sources.index);
    this.#kernel = openKernelMessages();
    scope.add('kernel messages', () => this.#kernel?.close());
  }

  async try(request: TryRequest): Promise<TriedState> {
    const clock = new Stopwatch();
    const timing: Timing = { prepareMs: 0, mountMs: 0, recoverMs: 0, checkMs: 0, unmountMs: 0, restoreMs: 0 };
    this.#image.rollTo(parseCrashState(request.state).crashPoint);
    timing.prepareMs = clock.lap();
    let atRest = false;
    try {
      const { tried, unmounted } = await this.#tryOn(this.#image.device, request, clock, timing);
      atRest = unmounted;
      clock.lap();
      return tried;
    } finally {
      if (atRest) this.#image.restore();
      else this.#abandon();
      timing.restoreMs = clock.lap();
    }
  }

  async #tryOn(
    device: LoopDevice,
    request: TryRequest,
    clock: Stopwatch,
    timing: Timing,
  ): Promise<{ tried: TriedState; unmounted: boolean }> {
    const { state } = request;
    this.#kernel?.drain();
    const failure = this.#mount(device.path);
    timing.mountMs = clock.lap();
    if (failure !== undefined) {
      const verdict = mountVerdict(failure, this.#messagesAbout(device));
      return { tried: { state, verdict, filesystemVerdict: verdict, reused: false, timing }, unmounted: true };
    }
    const { verdict: judged, ...how } = await this.#judge(request, clock, timing);
    emptySharedMemory();
    const unmounted = await unmountPatiently(STORE_FOLDER);
    timing.unmountMs = clock.lap();
    const verdict = unmounted ? judged : worse(judged, STILL_IN_USE);
    const filesystemVerdict = worse(kernelVerdict(this.#damage(device)), unmounted ? await this.#fsck(device) : OK);
    return { tried: { state, verdict, filesystemVerdict, ...how, timing }, unmounted };
  }

  /** Something still uses the device; it goes on without us, and ends with its last user. */
  #abandon(): void {
    try {
      detachMount(STORE_FOLDER);
    } catch {
      // Not mounted any more.
    }
    this.#image.abandon();
  }

  /** Recover, dump and check, unless a state with the same recovered tree and acknowledgements was judged already. */
  async #judge(request: TryRequest, clock: Stopwatch, timing: Timing): Promise<Judged> {
    const tree = this.#reuses() ? treeHash(STORE_FOLDER, TREE_LIMIT_BYTES) : undefined;
    const key = tree && `${request.ackCount}:${tree}`;
    const known = key === undefined ? undefined : this.#judged.recall(key);
    if (known) return { verdict: known, reused: true };
    const values = this.#values(request);
    let verdict = await this.#recover(values);
    timing.recoverMs = clock.lap();
    const dumped = await this.#dumps?.judge(verdict, request.state, (words, options) =>
      this.#run(words, values, options),
    );
    // What the history says of a violation is more exact than what a check can say.
    if (verdict.kind === 'ok' && dumped?.verdict.kind !== 'violated') {
      verdict = await this.#check(values, request.ackCount);
    }
    if (dumped) verdict = worse(dumped.verdict, verdict);
    timing.checkMs = clock.lap();
    if (key !== undefined) this.#judged.keep(key, verdict);
    return { verdict, reused: false, ...(dumped && { losses: dumped.losses }) };
  }

  /**
   * Reading a tree costs more than calling a function, and less than starting a process. A dump is judged by what had been
   * invoked as well, which the tree does not tell.
   */
  #reuses(): boolean {
    const { reuseVerdicts, recover, check, dump } = this.#request;
    return reuseVerdicts && dump === undefined && (recover !== undefined || check !== undefined);
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

  async #check(values: ContractValues, ackCount: number): Promise<Verdict> {
    const { check, checkModule, checkTimeoutMs } = this.#request;
    if (checkModule !== undefined) {
      const acked = this.#acknowledgements.ids.slice(0, ackCount);
      const state = { dir: values.dir, acked, count: ackCount, last: acked.at(-1) ?? '' };
      return callCheck(await (this.#function ??= loadCheck(checkModule)), state, checkTimeoutMs);
    }
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
