// The relay looking at itself: latencies, the lateness of its event loop, whether it has too much to do. Made and ended
// by ../relay.ts. Not its concern: what is told of it (metrics.ts), what is done about it (../connection/overload.ts).

import type { RelayConfig } from '../config/options.ts';
import { Overload, overloadTickMs } from '../connection/overload.ts';
import type { MetricsAccess } from '../http/metrics.ts';
import type { ChannelStore } from '../store/channel-store.ts';
import { LoopLag } from './loop-lag.ts';
import { Latencies, makeMetrics, type MetricSources } from './metrics.ts';

export class Observation {
  readonly latencies = new Latencies();
  readonly overload: Overload;
  readonly #lag = new LoopLag();
  readonly #token: string;
  #timer: NodeJS.Timeout | undefined;

  constructor(config: RelayConfig, store: ChannelStore) {
    this.#token = config.metricsToken;
    this.overload = new Overload({ maxLagMs: config.maxLagMs, maxMemoryMiB: config.maxMemoryMb }, this.#lag);
    store.onCommit = (seconds) => {
      this.latencies.commit.observe(seconds);
    };
  }

  /** @returns the metrics, for whoever may read them. */
  start(sources: Omit<MetricSources, 'latencies' | 'overload' | 'lag'>): MetricsAccess {
    const { latencies, overload } = this;
    this.#lag.start();
    this.#timer = setInterval(() => {
      overload.tick(sources.roster);
    }, overloadTickMs).unref();
    return { token: this.#token, text: makeMetrics({ ...sources, latencies, overload, lag: this.#lag }) };
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#lag.stop();
  }
}
