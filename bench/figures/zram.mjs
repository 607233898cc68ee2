import { floorMs, median, overheadMs, plan, record, rounded, tryAll } from '../measure.mjs';

/** What a crash state costs on zram and on a loop device, where the recorded disk has sectors of 4096 bytes. */
export async function zram(bench) {
  const count = bench.isQuick ? 100 : 500;
  const recording = await record(bench, 'sectors-of-4096', { count, size: '256M', sectorBytes: 4096 });
  const states = await plan(recording);
  const rounds = bench.isQuick ? 1 : 3;
  const costs = { loop: [], zram: [] };
  const overheads = { loop: [], zram: [] };
  for (let round = 0; round < rounds; round++) {
    for (const scratchDisk of Object.keys(costs)) {
      const { timings } = await tryAll(recording, states, { scratchDisk });
      costs[scratchDisk].push(median(timings.map((each) => overheadMs(each) + floorMs(each))));
      overheads[scratchDisk].push(median(timings.map(overheadMs)));
    }
  }
  const note = (disk) => `of it powercut's own: ${rounded(median(overheads[disk]))} ms`;
  bench.tell('per state, sectors of 4096 bytes, loop device', rounded(median(costs.loop)), 'ms', note('loop'));
  const ratio = median(costs.loop.map((cost, round) => cost / costs.zram[round]));
  bench.tell('  zram', rounded(median(costs.zram)), 'ms', `${rounded(ratio, 2)} x faster; ${note('zram')}`);
}
