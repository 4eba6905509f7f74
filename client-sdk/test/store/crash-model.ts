// A numbered sequence of transactions, and what a vault holds after the first n of them.
import { namedTable, orderedTable, type ReadView, type Transaction } from '../../src/store/index.ts';

const text = {
  encode: (value: string) => new TextEncoder().encode(value),
  decode: (bytes: Uint8Array) => new TextDecoder().decode(bytes),
};
const counts = namedTable('counts', text);
const lines = orderedTable('lines', text);

const dayOf = (step: number): string => `day/${String(step % 5)}`;

/** How many steps a vault holds. */
export async function stepCount(view: ReadView): Promise<number> {
  return Number((await counts.get(view, '', 'steps')) ?? 0);
}

/** Step n: erases a day now and then, adds a line, deletes another, counts. */
export async function applyStep(tx: Transaction, step: number, padding = 0): Promise<void> {
  if (step % 7 === 6) tx.eraseKey(['c', dayOf(Math.floor(step / 3))]);
  const value = `line ${String(step)}`.padEnd(padding, '.');
  await lines.put(tx, { partition: 'c', key: step, value }, { under: ['c', dayOf(step)] });
  if (step % 3 === 2) lines.del(tx, 'c', step - 2);
  await counts.put(tx, { partition: '', key: 'steps', value: String(step + 1) });
}

/** What the lines should be after n steps. */
export function modelAfter(steps: number): number[] {
  const held = new Map<number, string>();
  for (let step = 0; step < steps; step++) {
    const erased = step % 7 === 6 ? dayOf(Math.floor(step / 3)) : undefined;
    for (const [key, day] of held) if (day === erased) held.delete(key);
    held.set(step, dayOf(step));
    if (step % 3 === 2) held.delete(step - 2);
  }
  return [...held.keys()].sort((a, b) => a - b);
}

/** What the lines are; every one must be whole. */
export async function linesIn(view: ReadView): Promise<number[]> {
  const found: number[] = [];
  for await (const { key, value } of lines.scan(view, 'c')) {
    if (!value.startsWith(`line ${String(key)}`)) throw new Error('a line holds what it should not');
    found.push(key);
  }
  return found;
}
