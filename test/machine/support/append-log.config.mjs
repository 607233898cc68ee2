/** The append log's own check, called in the engine: a process for each crash state would be most of what a test takes. */
import { checkDirectory } from '../../../dist/examples/append-log/check-directory.js';

export default {
  check: ({ dir, count }) => {
    const violation = checkDirectory(dir, count);
    return violation && `${violation.class}: ${violation.detail}`;
  },
};
