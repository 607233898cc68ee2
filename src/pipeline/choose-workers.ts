import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { availableMemory } from 'node:process';
import { UnavailableError, UsageError } from '../errors.ts';
import type { Filesystem } from '../filesystems/filesystem.ts';
import { formatByteCount, MIB } from '../units.ts';
import type { Runner } from './runner.ts';

/** A guest takes seconds to boot; a second one pays only when there is work for it. */
const STATES_PER_GUEST = { kvm: 16, uml: 16, tcg: 64 } as const;
/** For what recovery and a check write on a state, before that is put back. */
const WORK_BYTES = 16 * MIB;
/** The engines are processes too, and the machine does other things. */
const SHARE_OF_AVAILABLE = 0.8;

export interface WorkerWish {
  /** As asked for; undefined: as many as pay. */
  readonly workers?: number;
  /** Budget for the scratch images of all engines together, bytes; undefined: what is available. */
  readonly memoryBytes?: number;
}

export interface WorkerNeed {
  readonly kind: Runner['kind'];
  /** Of the plan: what one engine tries without another's help. */
  readonly items: number;
  /** States to run. */
  readonly runs: number;
  /** The most that one engine's scratch image holds. */
  readonly imageBytes: number;
  /** Why there can be one engine only, if so. */
  readonly alone?: string | undefined;
}

export interface WorkerChoice {
  readonly workers: number;
  /** Why it is fewer than asked for, or than would pay. */
  readonly note?: string;
}

/**
 * How many engines try states at once. Memory decides where cores do not: every engine has an image of its own in it.
 * @throws UsageError when not even one fits into the budget asked for, UnavailableError when the machine has no room for one
 */
export function chooseWorkers(wish: WorkerWish, need: WorkerNeed, available = availableMemory()): WorkerChoice {
  const paying = wantedWorkers(wish, need);
  const wanted = need.alone === undefined ? paying : 1;
  const eachBytes = need.imageBytes + WORK_BYTES;
  const budgetBytes = wish.memoryBytes ?? Math.floor(available * SHARE_OF_AVAILABLE);
  const fitting = Math.floor(budgetBytes / eachBytes);
  const each = `a scratch image takes up to ${formatByteCount(eachBytes)}`;
  if (fitting < 1) throw tooLittle(wish, each, budgetBytes);
  if (fitting >= wanted) {
    const note = wanted < paying ? `${engines(wanted)} instead of ${paying}: ${need.alone}` : undefined;
    return { workers: wanted, ...(note !== undefined && { note }) };
  }
  const source = wish.memoryBytes === undefined ? 'of available memory' : 'of --memory';
  const note = `${engines(fitting)} instead of ${wanted}: ${each}, and there are ${formatByteCount(budgetBytes)} ${source}`;
  return { workers: fitting, note };
}

/**
 * Why crash states of this file system can only be tried one at a time: each has the UUID of all others, and engines that run
 * beside each other mount on one kernel. (Every guest has a kernel of its own.)
 */
export function twinsObstacle(
  { kind, kernel }: Pick<Runner, 'kind' | 'kernel'>,
  filesystem: Filesystem | undefined,
  exists = existsSync,
): string | undefined {
  const { name, twinsFeature } = filesystem ?? {};
  if (kind !== 'native' || twinsFeature === undefined || exists(twinsFeature)) return undefined;
  return `kernel ${kernel} does not mount two ${name} images with one UUID at once, which all crash states have`;
}

function wantedWorkers({ workers }: WorkerWish, { kind, items, runs }: WorkerNeed): number {
  const cores = availableParallelism();
  const paying = kind === 'native' ? cores + 1 : Math.min(cores, Math.ceil(runs / STATES_PER_GUEST[kind]));
  return Math.max(1, Math.min(workers ?? paying, items));
}

function tooLittle({ memoryBytes }: WorkerWish, each: string, budgetBytes: number): UsageError | UnavailableError {
  if (memoryBytes !== undefined) {
    return new UsageError(`--memory ${formatByteCount(memoryBytes)} is too little for one engine: ${each}`);
  }
  const room = `there are ${formatByteCount(budgetBytes)} to use (four fifths of what is available)`;
  return new UnavailableError(
    `this machine has too little memory to replay: ${each}, and ${room}; free some, record on a smaller --size, or say how much may be taken with --memory`,
  );
}

const engines = (count: number): string => `${count} ${count === 1 ? 'engine' : 'engines'}`;
