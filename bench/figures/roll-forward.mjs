import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { openSources } from '../../dist/src/engine/open-sources.js';
import { RollingImage } from '../../dist/src/replay/rolling-image.js';
import { extentsOf } from '../../dist/src/host/sparse.js';
import { median, rounded } from '../measure.mjs';

const ROUNDS = 5;

/** How fast a disk in memory is rolled forward through the whole log of the reference workload, without any mount. */
export async function rollForward(bench) {
  const { folder } = await bench.reference();
  const sources = openSources({ folder, baseExtents: extentsOf(join(folder, 'base.img')) });
  const { index } = sources;
  const bytes = index.sectorCounts.reduce((sum, count) => sum + count * index.sectorBytes, 0);
  const scratch = join('/dev/shm', `powercut-bench-roll-${process.pid}`);
  mkdirSync(scratch);
  const rates = [];
  try {
    for (let round = 0; round < ROUNDS; round++) {
      const image = new RollingImage(sources, join(scratch, `image-${round}`));
      const started = performance.now();
      image.rollTo(index.entryCount - 1);
      rates.push(bytes / 1e6 / ((performance.now() - started) / 1000));
      image.close();
    }
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
  const note = `${index.entryCount} entries, ${rounded(bytes / 1e6, 1)} MB`;
  bench.tell('rolling forward through the log, median', rounded(median(rates), 0), 'MB/s', note);
}
