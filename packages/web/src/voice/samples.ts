// Any sound that this browser can read, as plain samples: what a file said about itself (names, places, covers) stays
// behind. Used for what was just recorded and for sound files that someone chose.
import { RATE } from './change.ts';

/** Longer ones would take more memory to read than a phone has to spare. */
const MAX_MINUTES = 15;

/**
 * Mono, `RATE` a second.
 * @returns undefined where this browser can't read it, or it is too long.
 */
export async function samplesOf(sound: Blob): Promise<Float32Array | undefined> {
  // Reads at its own rate, whatever the file's was.
  const reader = new OfflineAudioContext(1, 1, RATE);
  const buffer = await reader.decodeAudioData(await sound.arrayBuffer()).catch(() => undefined);
  if (buffer === undefined || buffer.length < 1 || buffer.duration > MAX_MINUTES * 60) return undefined;
  const mono = new Float32Array(buffer.length);
  for (let channel = 0; channel < buffer.numberOfChannels; channel++) {
    for (const [i, one] of buffer.getChannelData(channel).entries())
      mono[i] = (mono[i] ?? 0) + one / buffer.numberOfChannels;
  }
  return mono;
}
