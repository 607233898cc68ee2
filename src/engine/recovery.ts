/** The recovery from one crash state, as it was recorded, and the disks that a power cut during it can leave. */
import { closeSync, mkdirSync, openSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { crashPoints } from '../dmlog/barrier.ts';
import { indexLog } from '../dmlog/log-index.ts';
import { openLogFile } from '../dmlog/log-source.ts';
import { copySparse } from '../host/sparse.ts';
import { readAcknowledgements } from '../replay/acknowledged.ts';
import type { ReplaySources } from '../replay/content-map.ts';
import { isDoubtfulAt } from '../replay/doubts.ts';
import { settleInversions, type Settlement } from '../replay/inversion.ts';
import { makePlan, type CrashPlan } from '../replay/plan.ts';
import { STRATEGIES } from '../replay/strategies/registry.ts';
import { RestorableImage, type ImageOptions } from './restorable-image.ts';

export interface CutPoint {
  /** Entry of the recovery's log. */
  readonly entry: number;
  /** Later points at which the disk is the same. */
  readonly twins: number;
}

export interface RecoveryPlan {
  readonly points: readonly CutPoint[];
  /** All barriers of the recovery's log; those at which the disk is still the crash state itself are in it. */
  readonly planned: number;
  readonly skipped: number;
}

export class Recovery {
  readonly #folder: string;
  readonly #sources: ReplaySources;
  readonly #settlement: Settlement;
  readonly #options: ImageOptions;
  #image: RestorableImage | undefined;
  #position = -1;
  #isKept = false;

  /** @param folder what `recordRecovery` made; it is removed at the end */
  constructor(folder: string, options: Omit<ImageOptions, 'folder'>) {
    this.#folder = folder;
    this.#options = { ...options, folder };
    const [base, log] = [join(folder, 'base.img'), join(folder, 'log')];
    const source = openLogFile(log);
    const [logFd, finalFd] = [openSync(log, 'r'), openSync(join(folder, 'final.img'), 'r')];
    try {
      const index = indexLog(source);
      this.#settlement = settleInversions(index, logFd, finalFd);
      this.#sources = { base, log, index, corrections: this.#settlement.corrections };
    } finally {
      source.close();
      closeSync(logFd);
      closeSync(finalFd);
    }
  }

  /** @returns why a power cut cannot have left the disk after this entry, or why nobody may judge it */
  whyNoCutAt(entry: number): string | undefined {
    if (!crashPoints(this.#sources.index).includes(entry)) {
      return `has no barrier at entry ${entry}: it does not write the same each time, or is another one now`;
    }
    const doubtful = isDoubtfulAt(this.#settlement.doubts, entry);
    return doubtful ? `does not tell the content of one of the blocks at entry ${entry}` : undefined;
  }

  /** Once, in place of what an earlier run kept. */
  keepLog(target: string): void {
    if (!this.#isKept) copySparse(this.#sources.log, target);
    this.#isKept = true;
  }

  /** At each barrier, each disk once. */
  plan(): RecoveryPlan {
    const scratch = join(this.#folder, 'plan');
    mkdirSync(scratch);
    const acknowledgements = readAcknowledgements(this.#sources.index, () => ({ kind: 'other' }));
    const strategies = [{ strategy: STRATEGIES['each-barrier'], value: 0 }];
    const settlement = this.#settlement;
    const request = {
      ...this.#sources,
      acknowledgements,
      settlement,
      strategies,
      seed: 0,
      fromStart: true,
      byHistory: false,
    };
    const plan = makePlan(request, scratch);
    rmSync(scratch, { recursive: true });
    return { points: pointsOf(plan), planned: plan.planned - 1, skipped: plan.skipped };
  }

  /** An image that holds the disk after this entry, ready to be mounted. */
  imageAt(entry: number): RestorableImage {
    // An image goes forward only.
    if (entry < this.#position) this.#closeImage();
    this.#image ??= new RestorableImage(this.#sources, this.#options);
    this.#image.rollTo(entry);
    this.#position = entry;
    return this.#image;
  }

  close(): void {
    this.#closeImage();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #closeImage(): void {
    this.#image?.close();
    this.#image = undefined;
    this.#position = -1;
  }
}

/** The first disk of every plan is the one before the log, here the crash state itself, which was tried already. */
function pointsOf({ items }: CrashPlan): CutPoint[] {
  return items.flatMap((item) =>
    item.kind === 'state' && item.anchor !== undefined ? [{ entry: item.anchor, twins: item.twins }] : [],
  );
}
