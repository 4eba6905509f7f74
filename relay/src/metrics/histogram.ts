// A histogram of durations that costs a few nanoseconds an observation, in the form that prom-client's registry takes.
// (Its own looks labels up by hash each time; here there are none.) Not its concern: what is measured.

import type { MetricObjectWithValues, MetricValueWithName } from 'prom-client';

/** Upper bounds in seconds: from the fastest commit to what people would call broken. */
const bounds = [
  0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10,
] as const;

/** The registry asks for it; there is nothing to gather. */
function collect(): void {
  // All was counted as it came.
}

export class Histogram {
  readonly name: string;
  readonly #help: string;
  readonly #counts = new Float64Array(bounds.length + 1);
  #sum = 0;

  constructor(name: string, help: string) {
    this.name = name;
    this.#help = help;
  }

  observe(seconds: number): void {
    let at = 0;
    while (at < bounds.length && seconds > (bounds[at] as number)) at++;
    this.#counts[at] = (this.#counts[at] as number) + 1;
    this.#sum += seconds;
  }

  get count(): number {
    return this.#counts.reduce((sum, count) => sum + count, 0);
  }

  /** The upper bound below which this part of all observations lies; Infinity beyond the last. */
  quantile(part: number): number {
    const wanted = part * this.count;
    let seen = 0;
    for (let at = 0; at < bounds.length; at++) {
      seen += this.#counts[at] as number;
      if (seen >= wanted) return bounds[at] as number;
    }
    return Infinity;
  }

  /** For the registry. */
  async get(): Promise<MetricObjectWithValues<MetricValueWithName<'le'>>> {
    const value = (name: string, number: number, labels: { le?: string } = {}) => ({
      metricName: `${this.name}_${name}`,
      value: number,
      labels,
    });
    const values: MetricValueWithName<'le'>[] = [];
    let below = 0;
    this.#counts.forEach((count, at) => {
      below += count;
      values.push(value('bucket', below, { le: String(bounds[at] ?? '+Inf') }));
    });
    values.push(value('sum', this.#sum), value('count', below));
    return {
      name: this.name,
      help: this.#help,
      type: 'histogram' as never,
      aggregator: 'sum',
      values,
      collect,
    };
  }
}
