/**
 * Tries crash states one after the other on one scratch image: rolls it forward, mounts it (the file system recovers), lets
 * the store recover, checks, unmounts, and puts back what all that wrote.
 */
import { totalmem } from 'node:os';
import { worse, type Verdict } from '../checks/verdict.ts';
import { messageOf, StepError } from '../errors.ts';
import type { Filesystem } from '../filesystems/filesystem.ts';
import type { BlockDevice } from '../host/block-device.ts';
import type { Scope } from '../host/scope.ts';
import type { Extent } from '../host/sys/file.ts';
import { scratchMemory } from '../host/scratch.ts';
import { readAcknowledgements, type Acknowledgements } from '../replay/acknowledged.ts';
import { isTorn, parseCrashPath, type CrashPath } from '../replay/crash-path.ts';
import { atEntry } from '../replay/crash-state.ts';
import { markKind } from '../stores/mark-kind.ts';
import { CrashDisks, type RecoverFrom } from './crash-disks.ts';
import { planRecovery } from './plan-recovery.ts';
import { recoverUnjudged } from './recover-unjudged.ts';
import { compareTries, type TreeTried } from './compare-tries.ts';
import { DumpJudge } from './dump-judge.ts';
import { placeFiles, placesBefore } from './file-places.ts';
import { FastForward } from './fast-forward.ts';
import { judgeStore } from './judge-store.ts';
import { KernelWatch } from './kernel-watch.ts';
import type {
  FilesRequest,
  FilesResult,
  OpenRequest,
  OpenResult,
  PlannedRecovery,
  RecoveryRequest,
  StateTiming,
  TriedState,
  TryRequest,
} from './requests.ts';
import { openSources } from './open-sources.ts';
import { requireFilesystem, requireTools } from './require-filesystem.ts';
import type { RestorableImage } from './restorable-image.ts';
import { runFsck } from './run-fsck.ts';
import { forgetMemory, prepareNamespace, type NewBoot } from './store-folder.ts';
import { StateEntry, textOf, type NamedDevice } from './state-entry.ts';
import { StorePlace } from './store-place.ts';
import { Stopwatch } from './stopwatch.ts';
import { StoreSteps } from './store-steps.ts';
import { treeHash } from './tree-hash.ts';
import { NO_TIMING, unjudgedState } from './unjudged-state.ts';
import { VerdictMemory } from './verdict-memory.ts';

const OK: Verdict = { kind: 'ok' };
const STILL_IN_USE = 'the file system was still in use 10 s after the check';
/** Trees up to this size are compared with those already judged. */
const TREE_LIMIT_BYTES = 64 * 2 ** 20;

type Judged = Pick<TriedState, 'verdict' | 'reused' | 'losses'>;
type Timing = { -readonly [Key in keyof StateTiming]: number };

interface Exposed {
  /** Holds the state, ready to be mounted. */
  readonly image: RestorableImage;
  readonly fastForwarded: boolean;
}

export class StateTrier {
  readonly #request: OpenRequest;
  readonly #filesystem: Filesystem;
  readonly #place: StorePlace;
  readonly #entry: StateEntry;
  readonly #disks: CrashDisks;
  readonly #forward: FastForward;
  readonly #acknowledgements: Acknowledgements;
  readonly #kernel: KernelWatch;
  readonly #newBoot: NewBoot;
  readonly #dumps: DumpJudge | undefined;
  readonly #steps: StoreSteps;
  readonly #judged = new VerdictMemory();

  constructor(scope: Scope, request: OpenRequest) {
    this.#request = request;
    this.#filesystem = requireFilesystem(request.filesystem);
    if (request.fsck || this.#filesystem.repair) requireTools(this.#filesystem);
    this.#place = new StorePlace(this.#filesystem);
    this.#kernel = new KernelWatch(scope, this.#filesystem.kernelDamage, request.sharesKernel ?? false);
    this.#entry = new StateEntry(this.#filesystem, this.#place, request, () => this.#kernel.lines());
    const folder = scratchMemory(scope, Math.floor(totalmem() * 0.8));
    this.#newBoot = prepareNamespace(scope, folder, `crash states of ${request.recordingId}`);
    const sources = openSources(request);
    const forget = (changed: readonly Extent[]): void => this.#forward.forget(changed);
    this.#disks = new CrashDisks(scope, sources, { ...request, folder, onRolled: forget });
    this.#forward = new FastForward(request.fastForward, request.filesystem, this.#disks.image);
    this.#acknowledgements = readAcknowledgements(sources.index, markKind);
    this.#steps = new StoreSteps(request, folder);
    this.#dumps = DumpJudge.for(request, sources.index);
  }

  get opened(): OpenResult {
    return this.#disks.opened;
  }

  /** A function of the last state is still running: this process must not try another. */
  get overrun(): boolean {
    return this.#steps.overrun;
  }

  async try(request: TryRequest): Promise<TriedState> {
    const { mode } = this.#forward;
    const { tried, ...plain } = await this.#tryOnce(request, mode === 'on');
    if (mode !== 'compare') return tried;
    if (this.overrun) return { ...tried, comparison: { forwarded: false } };
    const comparison = compareTries({ tried, ...plain }, await this.#tryOnce(request, true));
    return { ...tried, comparison };
  }

  async #tryOnce(request: TryRequest, forward: boolean): Promise<TreeTried> {
    const clock = new Stopwatch();
    const timing: Timing = { ...NO_TIMING };
    const exposed = await this.#expose(request, forward);
    timing.prepareMs = clock.lap();
    if (typeof exposed === 'string') return { tried: unjudgedState(request.state, exposed), tree: undefined };
    const { image, fastForwarded } = exposed;
    let atRest = false;
    let reads: TriedState['reads'];
    let tried: TriedState | undefined;
    let tree: string | undefined;
    try {
      const done = await this.#tryOn(image.device, request, clock, timing);
      atRest = done.unmounted;
      ({ tried, tree } = done);
      clock.lap();
    } finally {
      if (atRest) reads = image.restore().read?.extents;
      else this.#abandon(image);
      timing.restoreMs = clock.lap();
    }
    // A recovery that is recorded anew may differ in what it writes; the log that a finding came from does not.
    if (isViolated(tried)) this.#disks.keepLog(parseCrashPath(request.state), this.#request.recoveryLogs);
    const how = { ...(request.reads && reads && { reads }), ...(fastForwarded && { fastForwarded }) };
    return { tried: { ...tried, ...how }, tree };
  }

  /**
   * Where the store's files are on the disk at a crash point. Their blocks are named as the file system has them after its
   * recovery, and only those that it leaves alone.
   * @throws StepError when the file system cannot be unmounted
   */
  async files({ crashPoint }: FilesRequest): Promise<FilesResult> {
    if (!this.#place.isFolder) return { failure: 'the store has no files, it owns the device' };
    const { image } = this.#disks.recordedImage(atEntry(crashPoint ?? undefined));
    const failure = await this.#entry.enter(image.device);
    if (failure !== undefined) return { failure: textOf(failure) };
    const places = placeFiles(this.#place.path, image.path);
    if (!(await this.#place.leave())) {
      throw new StepError('still-mounted', 'the file system was still in use 10 s after its files were looked for');
    }
    const written = image.restore().written?.extents ?? [];
    const { blocks: _, ...bytes } = places;
    return { ...bytes, extents: placesBefore(places, image.path, written) };
  }

  /**
   * The journal is never fast-forwarded where it must be known what is read, or another disk lies over it.
   * @returns why there is no such state, when there is none
   */
  async #expose({ state, ackCount, anchor, reads }: TryRequest, forward: boolean): Promise<Exposed | string> {
    const path = parseCrashPath(state);
    if (path.recoveries.length > 0) {
      const image = await this.#disks.cutImage(path, this.#recoverWith(ackCount)).catch(messageOf);
      return typeof image === 'string' ? image : { image, fastForwarded: false };
    }
    const { image, overlaid } = this.#disks.recordedImage(path.outer, anchor);
    return { image, fastForwarded: forward && !reads && !overlaid && this.#forward.apply(image) };
  }

  /** Lets a state that was tried before recover once more, and tells what a power cut can leave meanwhile. */
  planRecovery({ state, ackCount }: RecoveryRequest): Promise<PlannedRecovery> {
    return planRecovery(this.#disks, state, this.#recoverWith(ackCount));
  }

  #recoverWith(ackCount: number): RecoverFrom {
    const enter = (device: NamedDevice): Promise<string | undefined> =>
      this.#entry.enter(device).then((failure) => failure && textOf(failure));
    const place = { enter, leave: (): Promise<boolean> => this.#place.leave() };
    return (path) => recoverUnjudged(place, this.#steps, () => this.#begin(path, ackCount));
  }

  #begin({ recoveries }: CrashPath, ackCount: number): void {
    this.#newBoot(`crash states of ${this.#request.recordingId}, ${recoveries.length}`);
    this.#steps.begin(this.#place.values, this.#acknowledgements.ids.slice(0, ackCount));
  }

  async #tryOn(
    device: BlockDevice,
    request: TryRequest,
    clock: Stopwatch,
    timing: Timing,
  ): Promise<TreeTried & { unmounted: boolean }> {
    const { state } = request;
    this.#kernel.lines();
    const failure = await this.#entry.enter(device);
    timing.mountMs = clock.lap();
    if (failure !== undefined && !(isTorn(state) && (await this.#entry.mend(device, failure)))) {
      const tried = { state, verdict: failure, filesystemVerdict: failure, reused: false, timing };
      return { tried, tree: undefined, unmounted: true };
    }
    const tree = this.#forward.mode === 'compare' ? treeHash(this.#place.path, Infinity) : undefined;
    const { verdict: judged, ...how } = await this.#judge(request, clock, timing);
    const unmounted = !this.overrun && (await this.#place.leave());
    timing.unmountMs = clock.lap();
    const verdict = unmounted ? judged : worse(judged, { kind: 'unknown', reason: STILL_IN_USE });
    const noticed = this.#kernel.verdictOn(device.name);
    const filesystemVerdict = failure ?? worse(noticed, unmounted ? await this.#fsck(device) : OK);
    return { tried: { state, verdict, filesystemVerdict, ...how, timing }, tree, unmounted };
  }

  /** Recover, dump and check, unless a state with the same recovered tree and acknowledgements was judged already. */
  async #judge(request: TryRequest, clock: Stopwatch, timing: Timing): Promise<Judged> {
    const tree = this.#reuses() ? treeHash(this.#place.path, TREE_LIMIT_BYTES) : undefined;
    const key = tree && `${request.ackCount}:${tree}`;
    const known = key === undefined ? undefined : this.#judged.recall(key);
    if (known) return { verdict: known, reused: true };
    this.#begin(parseCrashPath(request.state), request.ackCount);
    const judged = await judgeStore(this.#steps, this.#dumps?.yardstickFor(request.state), () => {
      timing.recoverMs = clock.lap();
    });
    timing.checkMs = clock.lap();
    // A new namespace costs as much as everything else that is done here for a state; what ran nothing left nothing.
    if (this.#steps.any) forgetMemory();
    if (key !== undefined) this.#judged.keep(key, judged.verdict);
    return { ...judged, reused: false };
  }

  /**
   * Reading a tree costs more than calling a function, and less than starting a process. A dump is judged by what had been
   * invoked as well, which the tree does not tell.
   */
  #reuses(): boolean {
    const { reuseVerdicts, recover, check, dump } = this.#request;
    // What is compared must have been judged.
    if (this.#forward.mode === 'compare') return false;
    if (!this.#place.isFolder) return false;
    return reuseVerdicts && dump === undefined && (recover !== undefined || check !== undefined);
  }

  /** Something still uses the device, or is about to; it goes on without us, and ends with its last user. */
  #abandon(image: RestorableImage): void {
    this.#place.abandon();
    // Whoever comes next has an engine of its own.
    if (!this.overrun) image.abandon();
  }

  async #fsck(device: BlockDevice): Promise<Verdict> {
    const { fsck, checkTimeoutMs } = this.#request;
    return fsck ? runFsck(this.#filesystem, device, checkTimeoutMs) : OK;
  }
}

const isViolated = ({ verdict, filesystemVerdict }: TriedState): boolean =>
  worse(verdict, filesystemVerdict).kind === 'violated';
