import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { $, echo } from 'zx';
import { floorMs, overheadMs, plan, rounded, tryAll } from '../measure.mjs';

/** The loop that people write: replay-log to the next flush, copy the image, mount, unmount; each a process. */
export async function peer(bench, { 'replay-log': replayLog }) {
  if (replayLog === undefined) {
    echo('shell loop around replay-log: skipped, no --replay-log PATH given');
    return;
  }
  const recording = await bench.reference();
  const states = (await plan(recording)).filter(({ anchor }) => anchor !== undefined);
  const chosen = states.slice(...(bench.isQuick ? [100, 130] : [500, 600]));
  const { timings } = await tryAll(recording, chosen);
  const ours = timings.reduce((sum, timing) => sum + overheadMs(timing) + floorMs(timing), 0) / chosen.length;
  const theirs = await timeLoop(bench, recording, chosen, replayLog);
  bench.tell('shell loop around replay-log, cp, mount, umount, same states', rounded(theirs, 1), 'ms/state');
  const note = `${rounded(theirs / ours, 1)} x faster; target: at least 10`;
  bench.tell('  powercut, one engine, mean', rounded(ours, 2), 'ms/state', note);
}

/** @returns milliseconds a state, mean */
async function timeLoop({ work }, { folder }, states, replayLog) {
  const image = join(work, 'peer.img');
  const scratch = join('/dev/shm', `powercut-bench-${process.pid}`);
  const [state, target] = [join(scratch, 'state.img'), join(scratch, 'mnt')];
  mkdirSync(target, { recursive: true });
  const started = performance.now();
  try {
    await $`cp --sparse=always ${join(folder, 'base.img')} ${image}`.quiet();
    let next = 0;
    for (const { anchor } of states) {
      const count = anchor + 1 - next;
      await $`${replayLog} --log ${join(folder, 'log')} --replay ${image} --start-entry ${next} --limit ${count}`.quiet();
      next = anchor + 1;
      await $`cp --sparse=always ${image} ${state}`.quiet();
      await $`mount -o loop ${state} ${target}`.quiet();
      await $`umount ${target}`.quiet();
    }
  } finally {
    await $`umount ${target}`.nothrow().quiet();
    rmSync(scratch, { recursive: true, force: true });
  }
  return (performance.now() - started) / states.length;
}
