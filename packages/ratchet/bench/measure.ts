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

/** How long one answer-free run lasts in the one-way rows; then the other side speaks once, as people do. */
const RUN_LENGTH = 100;

async function round(contender: Contender, effort: Effort): Promise<Figures> {
  const setUp = await timePerUnit(effort.setUps, () => contender.setUp());
  const pair = await contender.setUp();
  const pingPong = (size: number) =>
    timePerUnit(effort.messages, (i) => pair.exchange(i % 2 === 0 ? 0 : 1, size));
  const oneWay = (size: number) =>
    timePerUnit(effort.messages, (i) => pair.exchange(i % RUN_LENGTH === 0 ? 1 : 0, size));
  return {
    'set-up': setUp,
    'ping-pong 200 B': await pingPong(200),
    'one-way 200 B': await oneWay(200),
    'ping-pong 4 KiB': await pingPong(4096),
    'one-way 4 KiB': await oneWay(4096),
  };
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** Medians by contender; the first round warms up and isn't counted. */
export async function compare(
  contenders: readonly Contender[],
  effort: Effort,
): Promise<Record<string, Figures>> {
  const taken = new Map(contenders.map(({ name }) => [name, [] as Figures[]]));
  for (let i = 0; i <= effort.rounds; i++) {
    for (const contender of contenders) {
      const figures = await round(contender, effort);
      if (i > 0) taken.get(contender.name)!.push(figures);
    }
  }
  const figuresOf = (rounds: readonly Figures[]) =>
    Object.fromEntries(ROWS.map((row) => [row, median(rounds.map((figures) => figures[row]))])) as Figures;
  return Object.fromEntries([...taken].map(([name, rounds]) => [name, figuresOf(rounds)]));
}
