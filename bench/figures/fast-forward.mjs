import { floorMs, median, overheadMs, plan, record, rounded, tryAll } from '../measure.mjs';

/** What `--fast-forward` saves: with the journal that powercut asks mkfs for, and with the one that mkfs would choose. */
export async function fastForward(bench) {
  const count = bench.isQuick ? 100 : 500;
  for (const [name, fs] of [
    ["powercut's small journal", 'ext4'],
    ['a journal of 64 MiB', 'ext4:mkfs.J=size=64'],
  ]) {
    const recording = await record(bench, `journal-${fs.length}`, { count, size: '512M', fs });
    const states = await plan(recording);
    const { timings: plain } = await tryAll(recording, states);
    const { timings: forward, tried } = await tryAll(recording, states, { fastForward: 'on' });
    const [before, after] = [plain, forward].map((timings) =>
      median(timings.map((each) => overheadMs(each) + floorMs(each))),
    );
    const share = tried.filter(({ fastForwarded }) => fastForwarded).length;
    bench.tell(`per state, ${name}`, rounded(before), 'ms');
    const note = `${rounded(before / after, 2)} x faster; ${share} of ${states.length} states fast-forwarded`;
    bench.tell('  with --fast-forward', rounded(after), 'ms', note);
  }
}
