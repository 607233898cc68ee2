import { floorMs, median, overheadMs, plan, rounded, tryAll } from '../measure.mjs';

/** What powercut adds to the kernel's own mount and unmount of the reference workload's states. */
export async function overhead(bench) {
  const recording = await bench.reference();
  const states = await plan(recording);
  const { tracing, timings } = await tryAll(recording, states);
  const added = median(timings.map(overheadMs));
  const floor = median(timings.map(floorMs));
  bench.tell('reference workload: crash states', states.length, 'states', `tracer: ${tracing}`);
  bench.tell('  mount + unmount (journal recovery), median', rounded(floor), 'ms');
  bench.tell('  everything else that powercut does, median', rounded(added), 'ms');
  const target = 'target: at most 5 %, and 0.3 ms';
  bench.tell('  overhead over mount + unmount', rounded((100 * added) / floor, 1), '%', target);
}
