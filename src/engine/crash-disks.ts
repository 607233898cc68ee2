/**
 * The disks of crash states: one image for those of the recording, and one for each recovery that states are cut out of.
 * Of each depth one recovery is kept, the last one that was recorded.
 */
import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { discards } from '../filesystems/discards.ts';
import type { Scope } from '../host/scope.ts';
import type { Extent } from '../host/sys/file.ts';
import type { CrashState } from '../replay/crash-state.ts';
import type { ReplaySources } from '../replay/content-map.ts';
import { formatCrashPath, stateBefore, type CrashPath } from '../replay/crash-path.ts';
import { overlayOf } from '../replay/overlay.ts';
import { chooseTracer } from '../tracer/choose-tracer.ts';
import { recordRecovery, type Recover } from './record-recovery.ts';
import { Recovery, type RecoveryPlan } from './recovery.ts';
import { requireFilesystem } from './require-filesystem.ts';
import { RestorableImage } from './restorable-image.ts';
import type { OpenRequest, OpenResult } from './requests.ts';
import { openImage } from './open-image.ts';

type Request = Pick<OpenRequest, 'filesystem' | 'mountOptions' | 'sectorBytes' | 'scratchDisk'>;

export interface CrashDisksOptions extends Request {
  /** A folder in memory. */
  readonly folder: string;
  /** Told what changed from one state of the recording to the next. */
  readonly onRolled: (changed: readonly Extent[]) => void;
}

/** How the store recovers in this state: each power cut is followed by another boot. */
export type RecoverFrom = (path: CrashPath) => Recover;

export class CrashDisks {
  /** What the states are on. */
  readonly opened: OpenResult;
  readonly #sources: ReplaySources;
  readonly #options: CrashDisksOptions;
  /** Of the recording's own states. */
  readonly image: RestorableImage;
  readonly #recoveries: { readonly of: string; readonly recovery: Recovery }[] = [];

  constructor(scope: Scope, sources: ReplaySources, options: CrashDisksOptions) {
    this.#sources = sources;
    this.#options = options;
    const { folder, sectorBytes, scratchDisk, filesystem, mountOptions } = options;
    const discarding = discards(requireFilesystem(filesystem), mountOptions);
    const opened = openImage(sources, { folder, blockBytes: sectorBytes }, scratchDisk, discarding);
    this.image = opened.image;
    scope.add('scratch image', () => this.image.close());
    scope.add('images of recoveries', () => this.#forgetFrom(0));
    this.opened = opened.result;
  }

  /**
   * Of a state of the recording's own log, ready to be mounted.
   * @param anchor as in `TryRequest`
   * @returns the image, and whether something lies over the disk that the log makes
   */
  recordedImage(
    outer: CrashState,
    anchor?: number | null,
  ): { readonly image: RestorableImage; readonly overlaid: boolean } {
    const { index, corrections } = this.#sources;
    const from = anchor === null ? undefined : (anchor ?? outer.crashPoint);
    const overlay = overlayOf(index, corrections, outer, from);
    this.#options.onRolled(this.image.rollTo(from, overlay));
    return { image: this.image, overlaid: overlay.patches.length > 0 };
  }

  /**
   * Of a state that was cut out of a recovery, ready to be mounted.
   * @returns a text when that recovery has no such barrier
   */
  async cutImage(path: CrashPath, recoverFrom: RecoverFrom): Promise<RestorableImage | string> {
    const before = stateBefore(path);
    if (before === undefined) return this.recordedImage(path.outer).image;
    const recovery = await this.#recoveryFrom(before, recoverFrom);
    if (typeof recovery === 'string') return recovery;
    const entry = path.recoveries.at(-1)!;
    const why = recovery.whyNoCutAt(entry);
    if (why === undefined) return recovery.imageAt(entry);
    return `the recovery from ${formatCrashPath(before)} was recorded anew, and ${why}`;
  }

  /** Records the recovery from this state. @returns a text when there is no such state, see `cutImage` */
  async planRecovery(path: CrashPath, recoverFrom: RecoverFrom): Promise<RecoveryPlan | string> {
    const recovery = await this.#recoveryFrom(path, recoverFrom);
    return typeof recovery === 'string' ? recovery : recovery.plan();
  }

  /** Copies the log that this state was cut out of, named after the state that was recovered from. */
  keepLog(path: CrashPath, folder: string | undefined): void {
    const known = this.#recoveries[path.recoveries.length - 1];
    if (folder === undefined) return;
    try {
      known?.recovery.keepLog(join(folder, `${known.of}.log`));
    } catch {
      // A finding stands without it; another run may have taken the folder away.
    }
  }

  async #recoveryFrom(path: CrashPath, recoverFrom: RecoverFrom): Promise<Recovery | string> {
    const of = formatCrashPath(path);
    const depth = path.recoveries.length;
    const known = this.#recoveries[depth];
    if (known?.of === of) return known.recovery;
    const image = await this.cutImage(path, recoverFrom);
    if (typeof image === 'string') return image;
    this.#forgetFrom(depth);
    const recovery = await this.#record(image, recoverFrom(path));
    this.#recoveries[depth] = { of, recovery };
    return recovery;
  }

  async #record(image: RestorableImage, recover: Recover): Promise<Recovery> {
    const { sectorBytes, folder: parent } = this.#options;
    const folder = mkdtempSync(join(parent, 'recovery-'));
    let atRest = false;
    try {
      await recordRecovery({ image, sectorBytes, folder, recover });
      atRest = true;
    } finally {
      if (atRest) image.restore();
      else image.abandon();
    }
    return new Recovery(folder, {
      blockBytes: sectorBytes,
      tracerFor: (device) => chooseTracer(device).tracer,
    });
  }

  #forgetFrom(depth: number): void {
    for (const { recovery } of this.#recoveries.splice(depth)) recovery.close();
  }
}
