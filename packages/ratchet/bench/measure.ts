// Times contenders side by side: rounds are interleaved so that a noisy machine is noisy for all, medians are kept.
// Every figure is milliseconds for one message encrypted and decrypted (or one session set up).

/** Two parties with a session between them, state serialised around every operation. */
export interface Pair {
  /** One message from `from` (0 or 1) to the other. */
  exchange(from: 0 | 1, size: number): Promise<void>;
}

export interface Contender {
  readonly name: string;
  /** Key generation on both sides, first message, first answer: everything before the ratchet is running. */
  setUp(): Promise<Pair>;
}

export const ROWS = [
  'set-up',
  'ping-pong 200 B',
  'one-way 200 B',
  'ping-pong 4 KiB',
  'one-way 4 KiB',
] as const;
export type Row = (typeof ROWS)[number];
export type Figures = Record<Row, number>;

export interface Effort {
  readonly rounds: number;
  readonly setUps: number;
  readonly messages: number;
}

const clock = () => performance.now();

async function timePerUnit(units: number, work: (i: number) => Promise<unknown>): Promise<number> {
  const start = clock();
  for (let i = 0; i < units; i++) await work(i);
  return (clock() - start) / units;
}

const WARM_UP_ROUNDS = 2;
/** How long one answer-free run lasts in the one-way rows; then the other side speaks once, as people do. */
const RUN_LENGTH = 100;

/** The work of each row, on a session made beforehand. */
const WORK: Record<Row, (contender: Contender, pair: Pair, effort: Effort) => Promise<number>> = {
  'set-up': (contender, _pair, effort) => timePerUnit(effort.setUps, () => contender.setUp()),
  'ping-pong 200 B': (_contender, pair, effort) => pingPong(pair, effort, 200),
  'one-way 200 B': (_contender, pair, effort) => oneWay(pair, effort, 200),
  'ping-pong 4 KiB': (_contender, pair, effort) => pingPong(pair, effort, 4096),
  'one-way 4 KiB': (_contender, pair, effort) => oneWay(pair, effort, 4096),
};

function pingPong(pair: Pair, effort: Effort, size: number): Promise<number> {
  return timePerUnit(effort.messages, (i) => pair.exchange(i % 2 === 0 ? 0 : 1, size));
}

function oneWay(pair: Pair, effort: Effort, size: number): Promise<number> {
  return timePerUnit(effort.messages, (i) => pair.exchange(i % RUN_LENGTH === 0 ? 1 : 0, size));
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/**
 * Medians by contender. Slices are short and take turns row by row, so that whatever else the machine does at a moment
 * hits all alike. The first two rounds warm up and aren't counted.
 */
export async function compare(
  contenders: readonly Contender[],
  effort: Effort,
): Promise<Record<string, Figures>> {
  const entrants: { contender: Contender; pair: Pair; taken: Record<Row, number[]> }[] = [];
  for (const contender of contenders) {
    const taken = Object.fromEntries(ROWS.map((row) => [row, [] as number[]])) as Record<Row, number[]>;
    entrants.push({ contender, pair: await contender.setUp(), taken });
  }
  for (let i = 0; i < WARM_UP_ROUNDS + effort.rounds; i++) {
    for (const row of ROWS) {
      for (const { contender, pair, taken } of entrants) {
        const ms = await WORK[row](contender, pair, effort);
        if (i >= WARM_UP_ROUNDS) taken[row].push(ms);
      }
    }
  }
  return Object.fromEntries(
    entrants.map(({ contender, taken }) => [
      contender.name,
      Object.fromEntries(ROWS.map((row) => [row, median(taken[row])])) as Figures,
    ]),
  );
}
