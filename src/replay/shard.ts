/**
 * Rule: a shard is a stretch of the plan, and the shards in their order are the whole plan. Neighbouring states stay
 * together, so that an image still rolls forward in small steps, and what is found in an earlier shard stands earlier in
 * the plan: the reports of all shards add up to exactly what one run would have said.
 *
 * Not covered: an even share of time. Stretches are equal in expected runs, as far as items go: the states that one power cut
 * can leave stay together, since what a run reads decides which is next. Late ones can cost more, since the store has grown.
 */
import { UsageError } from '../errors.ts';
import { runsOf, type CrashPlan } from './plan.ts';

/** One of `count` parts, counted from 1. */
export interface Shard {
  readonly index: number;
  readonly count: number;
}

/** `2/3`. @throws UsageError */
export function parseShard(text: string): Shard {
  const [, index, count] = /^([1-9]\d{0,5})\/([1-9]\d{0,5})$/.exec(text)?.map(Number) ?? [];
  if (index !== undefined && count !== undefined && index <= count) return { index, count };
  throw new UsageError(`--shard ${text}: expected i/n with i from 1 to n, such as 1/3`);
}

/**
 * What is planned for one shard. Items keep their place in the whole plan. States that are skipped for their unknown
 * content have none there; the first shard counts them.
 *
 * @throws UsageError when there are more shards than items to run: one without any would have nothing to say
 */
export function takeShard(plan: CrashPlan, { index, count }: Shard): CrashPlan {
  const runs = plan.items.map(runsOf);
  const most = runs.filter((each) => each > 0).length;
  if (count > most) {
    throw new UsageError(
      `--shard ${index}/${count}: n can be ${most} at most, since the plan has no more to share out`,
    );
  }
  const starts = shardStarts(runs, count, most);
  const items = plan.items.slice(starts[index - 1], starts[index]);
  const skipped = index === 1 ? plan.skipped : 0;
  const planned = items.reduce((sum, item) => sum + (item.kind === 'state' ? 1 + item.twins : 0), skipped);
  return { ...plan, items, planned, skipped };
}

/**
 * An item belongs to the stretch that its middle lies in, as far as that leaves every stretch something to run. The last
 * start is the end.
 * @param runs of each item
 * @param most how many of them there are to run
 */
function shardStarts(runs: readonly number[], count: number, most: number): number[] {
  const total = runs.reduce((sum, each) => sum + each, 0);
  const starts = [0];
  let before = 0;
  let left = most;
  for (const [at, own] of runs.entries()) {
    if (own === 0) continue;
    const part = starts.length;
    const isDue = before + own / 2 >= (total * part) / count || left <= count - part;
    if (part < count && left < most && isDue) starts.push(at);
    before += own;
    left--;
  }
  return [...starts, runs.length];
}
