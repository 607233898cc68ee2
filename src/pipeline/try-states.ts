import type {
  OpenRequest,
  OpenResult,
  PlannedRecovery,
  StepsRequest,
  TriedState,
  TryRequest,
} from '../engine/requests.ts';
import type { LogIndex } from '../dmlog/log-index.ts';
import { Exploration, type Coverage } from '../replay/exploration.ts';
import type { PlanItem, PlannedSpace } from '../replay/plan.ts';
import { recoveryDepth } from '../replay/crash-path.ts';
import { formatCrashState } from '../replay/state-id.ts';
import { randomFrom } from '../random.ts';
import { cutRecoveries, type RecoveryCutter } from './cut-recoveries.ts';
import type { TriedPlace } from './tally.ts';
import { runOnEngines, type EngineLane } from './run-on-engines.ts';
import type { Runner } from './runner.ts';
import { removeDeadZrams } from '../host/zram.ts';
import { unjudgedState } from '../engine/unjudged-state.ts';

export interface TryStatesRequest {
  readonly runner: Runner;
  readonly open: OpenRequest;
  readonly index: LogIndex;
  readonly items: readonly PlanItem[];
  readonly workers: number;
  /** Asked before each state: whether to go on. */
  readonly goOn: () => boolean;
  /** Told by each engine how it works. */
  readonly onOpened: (opened: OpenResult) => void;
  readonly onTried: (place: TriedPlace, tried: TriedState) => void;
  /** How often the power goes again during the recovery of a single state that held. */
  readonly duringRecovery: number;
  /** Told of each recovery that is to be looked into, and of what there is to be tried of it once that is known. */
  readonly onRecoveryOwed: () => void;
  readonly onRecoveryPlanned: (place: TriedPlace, recovery: PlannedRecovery) => void;
  /** Told when a space is left: all that is to be tried of it has been, or the run is to end. */
  readonly onSpaceEnd: (space: PlannedSpace, coverage: Coverage, finished: boolean) => void;
  readonly signal: AbortSignal;
}

/** What one state may take beyond its commands' own limits before its engine is given up: mount, unmount. */
const SLACK_MS = 120_000;
/** Room for the numbers of the states of one space, between those of its neighbours in the plan. */
const ORDERS_IN_A_SPACE = 2 ** 20;

/** Tries all states on several engines at once. @throws as `runOnEngines` does */
export async function tryStates(request: TryStatesRequest): Promise<void> {
  try {
    await tryOnEngines(request);
  } finally {
    // Those of engines that were killed; loop devices end by themselves.
    if (request.runner.kind === 'native') removeDeadZrams();
  }
}

function tryOnEngines(request: TryStatesRequest): Promise<void> {
  const { runner, workers, onOpened, ...rest } = request;
  const open: OpenRequest = { ...request.open, sharesKernel: runner.kind === 'native' && workers > 1 };
  const stateMs = stepsLimitMs(open) + (open.fsck ? open.checkTimeoutMs : 0) + SLACK_MS;
  return runOnEngines<PlanItem>({
    ...rest,
    workers,
    // A new engine first records the recoveries that lead to a state.
    deadlineMs: stateMs * (1 + deepest(request)),
    start: () => runner.start(open.recoveryLogs),
    open: async (agent) => onOpened(await agent.call('open', open)),
    tryItem: (item, lane) => new ItemTrier(request, lane).try(item),
  });
}

function deepest({ items, duringRecovery }: TryStatesRequest): number {
  const depths = items.map((item) => (item.kind === 'state' ? recoveryDepth(item.state) : 0));
  return depths.reduce((most, depth) => Math.max(most, depth), duringRecovery);
}

class ItemTrier {
  readonly #request: TryStatesRequest;
  readonly #lane: EngineLane;

  constructor(request: TryStatesRequest, lane: EngineLane) {
    this.#request = request;
    this.#lane = lane;
  }

  async try(item: PlanItem): Promise<void> {
    const order = item.order * ORDERS_IN_A_SPACE;
    if (item.kind === 'space') await this.#explore(item, order);
    else await cutRecoveries({ ...item, order }, await this.#tryPlace({ ...item, order }), this.#cutter(order + 1));
  }

  #cutter(firstOrder: number): RecoveryCutter {
    const { duringRecovery: depth, onRecoveryOwed, onRecoveryPlanned } = this.#request;
    let order = firstOrder;
    return {
      depth,
      nextOrder: () => order++,
      goesOn: () => this.#lane.goesOn(),
      plan: (place) => this.#plan(place),
      try: (place) => this.#tryPlace(place),
      onOwed: onRecoveryOwed,
      onPlanned: onRecoveryPlanned,
    };
  }

  /** @returns undefined when the run is interrupted */
  async #plan({ state, ackCount }: TriedPlace): Promise<PlannedRecovery | undefined> {
    let lost: PlannedRecovery | undefined;
    const planned = await this.#lane.call(
      (agent) => agent.call('planRecovery', { state, ackCount }),
      (failure) => (lost = { states: [], planned: 0, skipped: 0, failure }),
    );
    return planned ?? lost;
  }

  #tryPlace(place: TriedPlace): Promise<TriedState | undefined> {
    return this.#try(place, { state: place.state, ackCount: place.ackCount });
  }

  /** One state after the other, since what a run reads decides which is next. */
  async #explore(space: PlannedSpace, firstOrder: number): Promise<void> {
    const { index, onSpaceEnd } = this.#request;
    const { anchor = null, ackCount } = space;
    const exploration = new Exploration(index, space, randomFrom(space.seed, space.order));
    let next = exploration.next();
    for (let order = firstOrder; next && this.#lane.goesOn(); order++) {
      const request = { state: formatCrashState(next), ackCount, anchor, reads: true };
      const tried = await this.#try({ ...request, order, twins: 0 }, request);
      // Nothing follows for other states from one that nobody could judge.
      if (!tried || !isJudged(tried)) exploration.giveUp();
      else exploration.settle(tried.reads);
      next = exploration.next();
    }
    onSpaceEnd(space, exploration.coverage, next === undefined);
  }

  /** @returns undefined when its engine was lost with it, or the run is interrupted */
  async #try(place: TriedPlace, request: TryRequest): Promise<TriedState | undefined> {
    const { onTried } = this.#request;
    const tried = await this.#lane.call(
      (agent) => agent.call('try', request),
      (reason) => onTried(place, unjudgedState(place.state, reason)),
    );
    if (tried) onTried(place, tried);
    return tried;
  }
}

const isJudged = ({ verdict, filesystemVerdict }: TriedState): boolean =>
  verdict.kind !== 'unknown' && filesystemVerdict.kind !== 'unknown';

/** What recover, dump and check of one crash may take by their own limits, milliseconds. */
export function stepsLimitMs({ recoverTimeoutMs, checkTimeoutMs, dump, repeatRecovery }: StepsRequest): number {
  const looks = repeatRecovery ? 2 : 1;
  const dumpMs = dump ? checkTimeoutMs * looks : 0;
  return recoverTimeoutMs * looks + dumpMs + checkTimeoutMs;
}
