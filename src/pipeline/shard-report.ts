import { createHash } from 'node:crypto';
import { relative } from 'node:path';
import type { CrashPlan, PlanItem } from '../replay/plan.ts';
import { takeShard, type Shard } from '../replay/shard.ts';
import type { ShardReport } from '../report/report.ts';
import { isFunction } from '../stores/store.ts';
import { CoverageTally } from './coverage.ts';
import type { ReplayOptions } from './options.ts';
import { plannedCounts } from './planned-counts.ts';
import type { Recording } from './recording.ts';

/** What `powercut merge` must know to put shards together, and to refuse those that do not belong together. */
export function shardReport(
  { index, count }: Shard,
  whole: CrashPlan,
  recording: Recording,
  options: ReplayOptions,
  lastGood: string | undefined,
): ShardReport {
  const { planned, skipped } = whole;
  return {
    index,
    count,
    plan: digest([recording.manifest.sha256.log, planned, skipped, whole.items.map(identityOf)]),
    options: digest(judgingOptions(options)),
    own: plannedCounts(takeShard(whole, { index, count })),
    whole: plannedCounts(whole),
    spaces: new CoverageTally().report(whole).map(({ strategy, spaces, states }) => ({ strategy, spaces, states })),
    ...(lastGood !== undefined && { lastGood }),
  };
}

/** Which states of a space come first follows from its strategy, whose value is reported besides. */
function identityOf(item: PlanItem): unknown {
  if (item.kind === 'state') return [item.state, item.ackCount];
  const { strategy, seed, ackCount, space, sample, limit, expectedRuns, doubtful } = item;
  return [strategy, seed, ackCount, space, sample, limit, expectedRuns, `${doubtful}`];
}

/** All that a verdict depends on besides the plan. Where and how fast states are tried is not in it. */
function judgingOptions(options: ReplayOptions): unknown[] {
  const { recover, dump, check, durability, repeatRecovery, fsck, reuseVerdicts, fastForward } = options;
  const { recoverTimeoutMs, checkTimeoutMs, cwd } = options;
  const steps = [recover, dump, check].map((step) =>
    isFunction(step) ? { module: relative(cwd, step.module) } : step,
  );
  return [...steps, durability, repeatRecovery, fsck, reuseVerdicts, fastForward, recoverTimeoutMs, checkTimeoutMs];
}

const digest = (value: unknown): string => createHash('sha256').update(JSON.stringify(value)).digest('hex');
