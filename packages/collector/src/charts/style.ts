import { fileURLToPath } from 'node:url';
import { GlobalFonts } from '@napi-rs/canvas';
import { StartError } from '../errors.ts';

/** Colours of Okabe and Ito, which colour-blind people can tell apart. */
export const COLOUR = {
  blue: '#0072b2',
  green: '#009e73',
  vermilion: '#d55e00',
  violet: '#7b4ea3',
  ink: '#1f2933',
  muted: '#5f6c7b',
  line: '#e4e8ec',
  paper: '#ffffff',
} as const;

export const FONT = 'Inter';
export const WIDTH = 1100;
export const HEIGHT = 620;
export const PIXEL_RATIO = 2;

/** A colour with the given opacity, from 0 to 1. */
export function faded(colour: string, opacity: number): string {
  return `${colour}${Math.round(opacity * 255)
    .toString(16)
    .padStart(2, '0')}`;
}

/** Makes the charts' font known; a slim image has none of its own. */
export function registerFonts(): void {
  if (GlobalFonts.has(FONT)) return;
  for (const face of ['400Regular/Inter_400Regular.ttf', '600SemiBold/Inter_600SemiBold.ttf']) {
    const path = fileURLToPath(import.meta.resolve(`@expo-google-fonts/inter/${face}`));
    if (GlobalFonts.registerFromPath(path, FONT) === null) {
      throw new StartError(
        'no_font',
        `The font ${path} can't be read. Install the collector's dependencies again.`,
      );
    }
  }
}
