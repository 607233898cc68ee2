import { statSync } from 'node:fs';
import { messageOf, UnavailableError } from '../errors.ts';
import { zramMayBeForgotten, zramObstacle } from '../host/zram.ts';
import type { ReplaySources } from '../replay/content-map.ts';
import { chooseTracer, describeTracer, type TracerChoice } from '../tracer/choose-tracer.ts';
import type { DiskChoice, OpenResult } from './requests.ts';
import { RestorableImage, type ImageOptions } from './restorable-image.ts';
import { GIB } from '../units.ts';
import { zramBlocksObstacle, type DiskKind } from './scratch-disk.ts';

export interface OpenedImage {
  readonly image: RestorableImage;
  readonly result: OpenResult;
}

const LARGE_BYTES = 4 * GIB;

type Place = Pick<ImageOptions, 'folder' | 'blockBytes'>;

/**
 * @param discards of a zram device the kernel does not count them, so that after each the whole disk is compared
 * @throws UnavailableError when zram was asked for and is not to be had
 */
export function openImage(sources: ReplaySources, place: Place, choice: DiskChoice, discards: boolean): OpenedImage {
  const isOfUse = !discards && !isLarge(sources) && !zramMayBeForgotten();
  if (choice === 'loop' || (choice === 'auto' && !isOfUse)) return openOn('loop', sources, place);
  const opened = zramObstacle() ?? zramBlocksObstacle(place.blockBytes) ?? tryZram(sources, place);
  if (typeof opened !== 'string') return opened;
  if (choice === 'zram') throw new UnavailableError(`crash states cannot be put on zram: ${opened}`);
  return openOn('loop', sources, place);
}

/** Its table takes memory for every page of the disk, and a comparison looks at all of it, whatever it holds. */
const isLarge = ({ base }: ReplaySources): boolean => statSync(base).size > LARGE_BYTES;

/** @returns why not */
function tryZram(sources: ReplaySources, place: Place): OpenedImage | string {
  try {
    const opened = openOn('zram', sources, place);
    const { tracing } = opened.result;
    if (!tracing.startsWith('compare')) return opened;
    opened.image.close();
    return `it cannot tell where it holds data, and nothing tells what is written to it: ${tracing}`;
  } catch (error) {
    return messageOf(error);
  }
}

function openOn(disk: DiskKind, sources: ReplaySources, place: Place): OpenedImage {
  let choice: TracerChoice | undefined;
  const image = new RestorableImage(sources, {
    ...place,
    disk,
    tracerFor: (device) => (choice = chooseTracer(device)).tracer,
  });
  const tracing = describeTracer(choice!);
  return { image, result: disk === 'zram' ? { tracing, disk: 'zram, compressed memory' } : { tracing } };
}
