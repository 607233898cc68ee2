/**
 * The crash plan: what the strategies propose, in log order, without what need not or must not be tried: states before the
 * store said `ready`, states with a block of unknown content, and states that equal an earlier one byte for byte with the
 * same acknowledgements (or, where a history will judge them, at the same moment of it).
 */
import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';
import type { LogIndex } from '../dmlog/log-index.ts';
import { randomFrom } from '../random.ts';
import { acknowledgedCount, eventCount, isReady, type Acknowledgements } from './acknowledged.ts';
import { atEntry, isPrefix, type CrashState } from './crash-state.ts';
import { doubtfulAtoms, isDoubtful } from './doubtful.ts';
import type { ExplorationPlan } from './exploration.ts';
import { Fingerprint } from './fingerprint.ts';
import type { Settlement } from './inversion.ts';
import { RollingImage } from './rolling-image.ts';
import { formatCrashState } from './state-id.ts';
import type { FileContent, Proposal, ProposedSpace, Strategy } from './strategies/strategy.ts';

export interface PlannedState {
  readonly kind: 'state';
  /** Position in the plan, from 0. */
  readonly order: number;
  readonly state: string;
  /** The entry up to which the disk is rolled forward before the rest of the state is put over it. */
  readonly anchor: number | undefined;
  /** How many acknowledgements count, from the first. */
  readonly ackCount: number;
  /** Later states that are the same to the last byte and acknowledgement (or event); one run settles them all. */
  readonly twins: number;
}

/** States that one power cut can leave; which of them are run shows while they are. */
export interface PlannedSpace extends ExplorationPlan {
  readonly kind: 'space';
  readonly order: number;
  readonly anchor: number | undefined;
  readonly ackCount: number;
  /** Name of the strategy that proposed it. */
  readonly strategy: string;
  readonly seed: number;
  /** How many states are run if no run settles more than itself. */
  readonly expectedRuns: number;
}

export type PlanItem = PlannedState | PlannedSpace;

/** How many states are run for it, if no run settles more than itself. */
export const runsOf = (item: PlanItem): number => (item.kind === 'state' ? 1 : item.expectedRuns);

export interface CrashPlan {
  /** What to try, each once, in log order. */
  readonly items: readonly PlanItem[];
  /** All single states that the strategies propose and that the store is held to. */
  readonly planned: number;
  /** States and spaces left out since the store had not said `ready` (not counted as planned). */
  readonly beforeReady: number;
  /** Single states left out since a block's content is unknown (inversion). */
  readonly skipped: number;
  /** What a reader of the verdict must know of how the plan was made. */
  readonly notes?: readonly string[];
}

/** A strategy, and the value of its option. */
export interface ChosenStrategy {
  readonly strategy: Strategy;
  readonly value: number;
}

export interface PlanRequest {
  readonly index: LogIndex;
  readonly acknowledgements: Acknowledgements;
  readonly settlement: Settlement;
  readonly strategies: readonly ChosenStrategy[];
  readonly seed: number;
  readonly base: string;
  readonly log: string;
  /** Hold the store to the states before it said `ready` too. */
  readonly fromStart: boolean;
  /** States are judged by a history: what it had told by the crash counts, not the acknowledgements alone. */
  readonly byHistory: boolean;
  /** For strategies that ask for it. */
  readonly files?: FileContent;
}

type Proposed = Proposal & { readonly anchor: number | undefined; readonly strategy: string };

/** @param scratch a folder for one image, which is removed by the caller */
export function makePlan(request: PlanRequest, scratch: string): CrashPlan {
  const builder = new PlanBuilder(request);
  withFingerprints(request, scratch, (fingerprintAt) => {
    for (const proposed of propose(request)) builder.add(proposed, fingerprintAt);
  });
  return builder.plan();
}

class PlanBuilder {
  readonly #request: PlanRequest;
  readonly #items: (PlannedSpace | { -readonly [Key in keyof PlannedState]: PlannedState[Key] })[] = [];
  readonly #known = new Map<string, number>();
  #planned = 0;
  #beforeReady = 0;
  #skipped = 0;

  constructor(request: PlanRequest) {
    this.#request = request;
  }

  plan(): CrashPlan {
    const [planned, beforeReady, skipped] = [this.#planned, this.#beforeReady, this.#skipped];
    return { items: this.#items, planned, beforeReady, skipped };
  }

  add(proposed: Proposed, fingerprintAt: (crashPoint: number | undefined) => string): void {
    const { index, acknowledgements, fromStart } = this.#request;
    const start = proposed.kind === 'state' ? proposed.state : atEntry(proposed.anchor);
    if (!fromStart && !isReady(index, acknowledgements, start)) this.#beforeReady++;
    else if (proposed.kind === 'space') this.#addSpace(proposed, proposed.strategy);
    else this.#addState(proposed.state, fingerprintAt);
  }

  #addState(state: CrashState, fingerprintAt: (crashPoint: number | undefined) => string): void {
    const { index, acknowledgements, settlement, byHistory } = this.#request;
    this.#planned++;
    if (isDoubtful(index, settlement, state)) {
      this.#skipped++;
      return;
    }
    const ackCount = acknowledgedCount(index, acknowledgements, state);
    const id = formatCrashState(state);
    const { crashPoint: anchor } = state;
    // Only a plain prefix is rolled out here; any other state is its own.
    const told = byHistory ? eventCount(index, acknowledgements, state) : ackCount;
    const key = isPrefix(state) ? `${told}:${fingerprintAt(anchor)}` : id;
    const twin = this.#known.get(key);
    if (twin !== undefined) {
      const known = this.#items[twin]!;
      if (known.kind === 'state') known.twins++;
      return;
    }
    const order = this.#items.length;
    this.#known.set(key, order);
    this.#items.push({ kind: 'state', order, state: id, anchor, ackCount, twins: 0 });
  }

  #addSpace({ space, first, sample, limit }: ProposedSpace, strategy: string): void {
    const { index, acknowledgements, settlement, seed } = this.#request;
    const { anchor, atoms } = space;
    // On a disk with a doubtful sector nothing can be judged, whatever else it holds.
    const doubtful: bigint | 'all' = isDoubtful(index, settlement, atEntry(anchor))
      ? 'all'
      : doubtfulAtoms(index, settlement, atoms);
    const wanted = sample ? 2 ** atoms.length : new Set(first()).size;
    const expectedRuns = doubtful === 'all' ? 0 : Math.min(limit, wanted);
    const ackCount = acknowledgedCount(index, acknowledgements, atEntry(anchor));
    const order = this.#items.length;
    const exploration = { space, first, sample, limit, doubtful };
    this.#items.push({ kind: 'space', order, anchor, ackCount, strategy, seed, expectedRuns, ...exploration });
  }
}

/** The strategies' proposals in log order, each state once. */
function propose({ strategies, index, seed, files }: PlanRequest): Proposed[] {
  const proposals: Proposed[] = [];
  const seen = new Set<string>();
  for (const { strategy, value } of strategies) {
    const random = (stream: number): ReturnType<typeof randomFrom> => randomFrom(seed, stream);
    for (const proposal of strategy.propose({ index, value, random, ...(files && { files }) })) {
      if (proposal.kind === 'space') {
        proposals.push({ ...proposal, anchor: proposal.space.anchor, strategy: strategy.name });
        continue;
      }
      const id = formatCrashState(proposal.state);
      if (!seen.has(id)) proposals.push({ ...proposal, anchor: proposal.state.crashPoint, strategy: strategy.name });
      seen.add(id);
    }
  }
  // Stable: of one anchor, in the order of the strategies.
  return proposals.sort((a, b) => (a.anchor ?? -1) - (b.anchor ?? -1));
}

function withFingerprints(
  request: PlanRequest,
  scratch: string,
  body: (fingerprintAt: (crashPoint: number | undefined) => string) => void,
): void {
  const { base, log, index, settlement } = request;
  const baseFd = openSync(base, 'r');
  let fingerprint: Fingerprint | undefined;
  const sources = { base, log, index, corrections: settlement.corrections };
  const image = new RollingImage(sources, join(scratch, 'plan.img'), (at, bytes) => fingerprint?.touch(at, bytes));
  try {
    const current = new Fingerprint(image.fd, baseFd);
    fingerprint = current;
    body((crashPoint) => {
      image.rollTo(crashPoint);
      return current.value();
    });
  } finally {
    image.close();
    closeSync(baseFd);
  }
}
