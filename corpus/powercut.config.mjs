/** Recovery and check of whichever store the disk holds. */
import { check, recover } from './disk.mjs';

export default {
  recover: ({ dir }) => recover(dir),
  check: ({ dir, count }) => check(dir, count),
};
