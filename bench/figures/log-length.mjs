import { median, overheadMs, plan, record, rounded, tryAll } from '../measure.mjs';

/** What powercut adds to a state behind a log of so many entries. */
export async function logLength(bench) {
  const costs = [];
  for (const count of bench.isQuick ? [120, 500] : [120, 1200, 12_000]) {
    const recording = await record(bench, `log-${count}`, { count, size: '256M' });
    const states = await plan(recording);
    // The last states, where all of the log lies before them; their journal is no longer than any other's.
    const { timings } = await tryAll(recording, states.slice(-200));
    costs.push(median(timings.slice(1).map(overheadMs)));
    const name = `overhead behind ${recording.manifest.counts.entries} log entries`;
    bench.tell(name, rounded(costs.at(-1)), 'ms', `${rounded(costs.at(-1) / costs[0], 2)} x; target: at most 1.2`);
  }
}
