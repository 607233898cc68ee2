import type { LogIndex } from '../../dmlog/log-index.ts';
import type { Extent } from '../../host/sys/file.ts';
import type { Random } from '../../random.ts';
import type { EntryIndex } from '../../units.ts';
import type { CrashSpace } from '../crash-space.ts';
import type { CrashState } from '../crash-state.ts';

/** A rule that proposes crash states. It sees positions only, never contents, and proposes lazily, in log order. */
export interface Strategy {
  /** As in `--each-barrier`, without the dashes. */
  readonly name: string;
  /** One line for `--help`. */
  readonly summary: string;
  /** The value that may stand behind the option; absent: none may. */
  readonly value?: StrategyValue;
  /** Proposes nothing unless it is told where the store's files are, which only a mounted file system knows. */
  readonly needsFiles?: true;
  /** Every state is legal: the strategy's opening comment says by which rule. */
  propose(context: StrategyContext): Iterable<Proposal>;
}

export interface StrategyValue {
  /** As in `--in-flight [n]`. */
  readonly name: string;
  /** Where the option stands without a value. A function of the device's logical block in bytes. */
  readonly otherwise: (sectorBytes: number) => number;
  /** Why a value cannot be, on a device with such blocks if it is known; undefined: it can. */
  readonly obstacle: (value: number, sectorBytes?: number) => string | undefined;
}

export interface StrategyContext {
  readonly index: LogIndex;
  /** The option's value, or what stands for it; 0 for a strategy without. */
  readonly value: number;
  /** An independent sequence of this run's seed. */
  readonly random: (stream: number) => Random;
  /** Only for a strategy that needs it. */
  readonly files?: FileContent;
}

/** Where the store's files are on the disk at one crash point. */
export interface FileContent {
  readonly crashPoint: EntryIndex | undefined;
  /** Bytes of the device, each of them a byte of a file; ascending, apart from each other. */
  readonly extents: readonly Extent[];
}

/** One state, or many that one power cut can leave. */
export type Proposal = { readonly kind: 'state'; readonly state: CrashState } | ProposedSpace;

export interface ProposedSpace {
  readonly kind: 'space';
  readonly space: CrashSpace;
  /** The subsets that are tried first: bit i stands for atom i. Some may come twice. */
  readonly first: () => Iterable<bigint>;
  /** Go on with states drawn at random after these. */
  readonly sample: boolean;
  /** The most states that are run in this space. */
  readonly limit: number;
}

export const oneState = (state: CrashState): Proposal => ({ kind: 'state', state });
