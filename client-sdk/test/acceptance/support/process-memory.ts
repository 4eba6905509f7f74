// The live memory of another process, as a debugger run by its owner would see it (Linux only).
import { closeSync, openSync, readFileSync, readSync } from 'node:fs';

const PIECE_BYTES = 32 * 1024 * 1024;
/** Secrets that lie across two pieces are still found. */
const OVERLAP_BYTES = 64 * 1024;

/**
 * All writable memory that is resident, in overlapping pieces. The buffer is used again for the next piece.
 * @returns false where the system lets nobody look.
 */
export function scanMemory(pid: number, look: (piece: Uint8Array) => void): boolean {
  let regions: { from: number; to: number }[];
  let memory: number;
  try {
    regions = writableRegions(readFileSync(`/proc/${String(pid)}/smaps`, 'latin1'));
    memory = openSync(`/proc/${String(pid)}/mem`, 'r');
  } catch {
    return false;
  }
  const buffer = new Uint8Array(PIECE_BYTES);
  try {
    for (const { from, to } of regions) {
      for (let at = from; at < to; at += PIECE_BYTES - OVERLAP_BYTES) {
        const length = Math.min(PIECE_BYTES, to - at);
        let read = 0;
        try {
          read = readSync(memory, buffer, 0, length, at);
        } catch {
          break; // unmapped meanwhile
        }
        look(buffer.subarray(0, read));
        if (at + length >= to) break;
      }
    }
  } finally {
    closeSync(memory);
  }
  return regions.length > 0;
}

/** Mappings that the process writes to and of which some page is in memory. */
function writableRegions(smaps: string): { from: number; to: number }[] {
  const regions: { from: number; to: number }[] = [];
  for (const entry of smaps.split(/^(?=[0-9a-f]+-[0-9a-f]+ )/m)) {
    const head = /^([0-9a-f]+)-([0-9a-f]+) rw/.exec(entry);
    const resident = Number(/^Rss:\s+(\d+)/m.exec(entry)?.[1] ?? 0);
    if (head === null || resident === 0) continue;
    regions.push({ from: parseInt(head[1]!, 16), to: parseInt(head[2]!, 16) });
  }
  return regions;
}
