import { floorMs, median, overheadMs, plan, record, rounded, tryAll } from '../measure.mjs';

/** What a state costs on a small disk, and on a large one that is full of other data. */
export async function scale(bench) {
  const count = bench.isQuick ? 40 : 200;
  const bulkMiB = bench.isQuick ? 64 : 1024;
  const small = await record(bench, 'small', { count, size: '64M' });
  const large = await record(bench, 'large', { count, size: '8G', bulkMiB });
  const costs = [];
  for (const [name, recording] of [
    ['64 MiB image', small],
    [`8 GiB image, ${bulkMiB} MiB data`, large],
  ]) {
    const { timings } = await tryAll(recording, await plan(recording));
    costs.push(median(timings.map((timing) => overheadMs(timing) + floorMs(timing))));
    const times = `${rounded(costs.at(-1) / costs[0], 2)} x; target: at most 1.2`;
    const overhead = `overhead ${rounded(median(timings.map(overheadMs)))} ms`;
    bench.tell(`per state, ${name}`, rounded(costs.at(-1)), 'ms', `${overhead}; ${times}`);
  }
}
