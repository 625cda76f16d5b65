import { inflateSync } from 'node:zlib';

/** Size and number of different pixel bytes of a PNG: a blank picture has one or two. Throws if it is none. */
export function inspectPng(png: Buffer): { width: number; height: number; shades: number } {
  if (png.toString('latin1', 1, 4) !== 'PNG') throw new Error('this is not a PNG');
  const data: Buffer[] = [];
  for (let at = 8; at < png.length; ) {
    const length = png.readUInt32BE(at);
    if (png.toString('latin1', at + 4, at + 8) === 'IDAT') data.push(png.subarray(at + 8, at + 8 + length));
    at += length + 12;
  }
  const shades = new Set(inflateSync(Buffer.concat(data))).size;
  return { width: png.readUInt32BE(16), height: png.readUInt32BE(20), shades };
}
