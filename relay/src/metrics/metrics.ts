// What a relay tells its operator in numbers: latencies, sockets, depth, refusals, the event loop. All are over all
// clients and channels; no label ever names one (docs/ledger.md, "Metrics"). Fed by connection/ and the store, served
// by http/metrics.ts. Not its concern: who may read it.

import { readdirSync } from 'node:fs';
import { Counter, Gauge, Registry, type Metric } from 'prom-client';
import type { LiveChannels } from '../channel/live-channels.ts';
import type { Counts } from '../connection/counts.ts';
import type { DurableAnswers } from '../connection/durable-answers.ts';
import type { Overload } from '../connection/overload.ts';
import type { Roster } from '../connection/roster.ts';
import type { ChannelStore } from '../store/channel-store.ts';
import { Histogram } from './histogram.ts';
import type { LoopLag } from './loop-lag.ts';

/** Durations that the hot path observes. */
export class Latencies {
  readonly appended = new Histogram(
    'sotto_append_seconds',
    'From an accepted append to its durable answer (appended).',
  );
  readonly acked = new Histogram(
    'sotto_ack_seconds',
    'From a delivered block to its ack; one block at a time of each subscription.',
  );
  readonly commit = new Histogram(
    'sotto_store_commit_seconds',
    'How long the store took to make something durable.',
  );
}

/** What is read at each scrape. */
export interface MetricSources {
  readonly latencies: Latencies;
  readonly store: ChannelStore;
  readonly channels: LiveChannels;
  readonly roster: Roster;
  readonly counts: Counts;
  readonly answers: DurableAnswers;
  readonly overload: Overload;
  readonly lag: LoopLag;
  readonly version: string;
  isDraining(): boolean;
}

/** A class of faults or a code becomes a label only where it looks like one: libraries may put anything there. */
const kindPattern = /^[A-Za-z0-9_-]{1,48}$/;

/** @returns writes all metrics in Prometheus' text format. */
export function makeMetrics(sources: MetricSources): () => Promise<string> {
  const registry = new Registry();
  const registers = [registry];
  const { latencies, store, channels, roster, counts, answers, overload, lag } = sources;
  for (const histogram of [latencies.appended, latencies.acked, latencies.commit])
    registry.registerMetric(histogram as unknown as Metric);

  const gauge = (name: string, help: string, read: () => number) =>
    new Gauge({
      name,
      help,
      registers,
      collect() {
        this.set(read());
      },
    });
  const counter = (name: string, help: string, read: () => number) =>
    new Counter({
      name,
      help,
      registers,
      collect() {
        this.reset();
        this.inc(read());
      },
    });
  const kinds = (name: string, help: string, label: string, read: () => Readonly<Record<string, number>>) =>
    new Counter({
      name,
      help,
      registers,
      labelNames: [label],
      collect() {
        this.reset();
        for (const [kind, count] of Object.entries(read()))
          this.inc({ [label]: kindPattern.test(kind) ? kind : 'other' }, count);
      },
    });

  gauge('sotto_sockets_active', 'Open connections.', () => roster.size);
  gauge('sotto_sockets_leaked', 'Connections whose socket is gone and that are still held: must be 0.', () =>
    leaked(roster, counts),
  );
  counter('sotto_sockets_accepted_total', 'Connections accepted.', () => counts.total.opened);
  counter('sotto_sockets_closed_total', 'Connections closed, by whomever.', () => counts.total.closed);
  counter(
    'sotto_sockets_shed_total',
    'Connections not accepted because the relay had too much to do.',
    () => overload.shed,
  );
  kinds(
    'sotto_closes_total',
    'Connections closed by the relay, by close code.',
    'code',
    () => counts.total.closes,
  );
  kinds('sotto_refusals_total', 'Requests refused, by refusal code.', 'kind', () => counts.total.refusals);
  kinds(
    'sotto_faults_total',
    "The relay's and its store's own failures, by class.",
    'kind',
    () => counts.total.faults,
  );

  gauge('sotto_channels_live', 'Channels that an open connection holds a right on.', () => channels.size);
  gauge('sotto_appends_waiting', 'Appends accepted and not yet durable.', () => answers.pending);
  const blocks = new Gauge({
    name: 'sotto_store_blocks',
    help: 'Depth: blocks at rest, as of the last checkpoint.',
    registers,
  });
  new Gauge({
    name: 'sotto_store_channels',
    help: 'Channels at rest, as of the last checkpoint.',
    registers,
    async collect() {
      const size = await store.size?.();
      if (size === undefined) return;
      this.set(size.channels);
      blocks.set(size.blocks);
    },
  });

  gauge(
    'sotto_event_loop_lag_seconds',
    'How late the event loop is, mean of the last half second.',
    () => lag.meanMs / 1000,
  );
  gauge('sotto_event_loop_lag_p99_seconds', 'The same, 99th percentile.', () => lag.p99Ms / 1000);
  gauge('sotto_event_loop_lag_max_seconds', 'The most since the last scrape.', () => lag.takeMaxMs() / 1000);
  gauge('sotto_overloaded', '1 while new connections are turned away.', () => (overload.isShedding ? 1 : 0));
  gauge('sotto_draining', '1 while the relay is stopping.', () => (sources.isDraining() ? 1 : 0));

  gauge('process_resident_memory_bytes', 'Memory of the process.', () => process.memoryUsage.rss());
  gauge('nodejs_heap_used_bytes', 'JavaScript objects.', () => process.memoryUsage().heapUsed);
  gauge('process_open_fds', 'Open files and sockets.', openFiles);
  counter('process_cpu_seconds_total', 'User and system time.', () => {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1e6;
  });
  gauge(
    'nodejs_active_resources',
    'Timers, sockets and requests that Node keeps: flat on a relay at rest.',
    () => process.getActiveResourcesInfo().length,
  );
  new Gauge({ name: 'sotto_build_info', help: 'The version.', labelNames: ['version'], registers }).set(
    { version: sources.version },
    1,
  );
  return () => registry.metrics();
}

/** Held although the socket is gone, or counted as open and held nowhere. */
function leaked(roster: Roster, counts: Counts): number {
  let gone = 0;
  for (const connection of roster.all()) if (connection.isGone) gone++;
  return gone + Math.abs(counts.total.opened - counts.total.closed - roster.size);
}

function openFiles(): number {
  try {
    return readdirSync('/proc/self/fd').length;
  } catch {
    return 0;
  }
}
