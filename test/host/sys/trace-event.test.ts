import { describe, expect, it } from 'vitest';
import { parseBioQueueEvent, readBioQueueEvent, tracedDevice } from '../../../src/host/sys/trace-event.ts';
import { UnavailableError } from '../../../src/errors.ts';

/** As Linux 6.18 has it; 6.1 had `char rwbs[8]` and `comm` two bytes earlier. */
const FORMAT = `name: block_bio_queue
ID: 2097
format:
	field:unsigned short common_type;	offset:0;	size:2;	signed:0;
	field:unsigned char common_flags;	offset:2;	size:1;	signed:0;
	field:unsigned char common_preempt_count;	offset:3;	size:1;	signed:0;
	field:int common_pid;	offset:4;	size:4;	signed:1;

	field:dev_t dev;	offset:8;	size:4;	signed:0;
	field:sector_t sector;	offset:16;	size:8;	signed:0;
	field:unsigned int nr_sector;	offset:24;	size:4;	signed:0;
	field:char rwbs[10];	offset:28;	size:10;	signed:0;
	field:char comm[16];	offset:38;	size:16;	signed:0;

print fmt: "%d,%d %s %llu + %u [%s]", ((unsigned int) ((REC->dev) >> 20)), REC->rwbs
`;

describe('parseBioQueueEvent', () => {
  it('finds the fields of Linux 6.18', () => {
    expect(parseBioQueueEvent(FORMAT)).toEqual({
      id: 2097,
      deviceAt: 8,
      sectorAt: 16,
      sectorCountAt: 24,
      operationAt: 28,
    });
  });

  it('goes by the names and not by the places', () => {
    const moved = FORMAT.replace('rwbs[10];\toffset:28', 'rwbs[8];\toffset:40').replace(
      'sector;\toffset:16',
      'sector;\toffset:32',
    );
    expect(parseBioQueueEvent(moved)).toMatchObject({ operationAt: 40, sectorAt: 32, sectorCountAt: 24 });
  });

  it.each([
    ['no number', FORMAT.replace(/ID:.*\n/, ''), /no "ID:" line/],
    ['a field gone', FORMAT.replace('nr_sector', 'sector_count'), /no field "nr_sector"/],
    ['a field of another size', FORMAT.replace('offset:16;\tsize:8', 'offset:16;\tsize:4'), /"sector".*4 bytes at 16/],
    ['a field that is not aligned', FORMAT.replace('offset:24;', 'offset:26;'), /"nr_sector".*4 bytes at 26/],
    ['a field where no program may read', FORMAT.replace('rwbs[10];\toffset:28', 'rwbs[10];\toffset:4'), /"rwbs"/],
  ])('refuses %s', (_, format, reason) => {
    expect(() => parseBioQueueEvent(format)).toThrow(UnavailableError);
    expect(() => parseBioQueueEvent(format)).toThrow(reason);
  });
});

it('says what is missing where there is no such event', () => {
  expect(() => readBioQueueEvent('/nowhere')).toThrow(/no readable tracepoint block:block_bio_queue \(ENOENT\)/);
});

it('numbers devices as the kernel does inside, 12 bits and 20', () => {
  expect(tracedDevice({ major: 7, minor: 3 })).toBe(0x0070_0003);
  expect(tracedDevice({ major: 0xfff, minor: 0xfffff })).toBe(0xffff_ffff);
});
