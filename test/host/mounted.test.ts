import { expect, it } from 'vitest';
import { filesystemTypeAt } from '../../src/host/mounted.ts';

it('tells the file system that holds a path', () => {
  expect(filesystemTypeAt('/proc/self')).toBe('proc');
  expect(filesystemTypeAt('/')).toMatch(/^\w/);
});
