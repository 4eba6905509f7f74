// Checks the shape of the model: processes and shards as single servers with queues, second by second, under the load
// of the model, with hot rooms, a process that dies with its clients (a reconnect storm), and a primary that fails over.
// Seeded, pure, an eighth of the size: what is checked are ratios. Not its concern: absolute figures.

/** @returns numbers in [0, 1), the same for the same seed. */
function seeded(seed) {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

/** A number of events in a second with this mean. */
function poisson(mean, random) {
  // Sums of many are nearly normal; small ones are counted out.
  if (mean > 50) {
    const normal = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
    return Math.max(0, Math.round(mean + Math.sqrt(mean) * normal));
  }
  let count = -1;
  for (let product = 1; product > Math.exp(-mean); product *= random()) count++;
  return count;
}

/** One core that works through what it is given: seconds of work, in their order. */
export class Core {
  backlog = 0;
  worked = 0;
  seconds = 0;
  waits = [];
  isUp = true;

  give(seconds) {
    this.backlog += seconds;
  }

  /** One second passes. */
  pass() {
    const done = this.isUp ? Math.min(1, this.backlog) : 0;
    this.backlog -= done;
    this.worked += done;
    this.seconds++;
    this.waits.push(this.isUp ? this.backlog : this.backlog + 1);
  }
}

/**
 * Plays `seconds` of the busiest hour.
 * @param what processes, shards; rates: people's doings a second, over all; costs; hotRooms: rooms of 500 in which
 *   someone speaks twice a second; at(second, world): what happens then.
 */
export function play({
  processes,
  shards,
  rates,
  costs,
  channels,
  seconds,
  seed = 1,
  hotRooms = 0,
  at = () => {},
}) {
  const random = seeded(seed);
  const relays = Array.from({ length: processes }, () => new Core());
  const primaries = Array.from({ length: shards }, () => new Core());
  const world = { relays, primaries, returning: 0, returned: 0, lastReturn: 0, connectPace: Infinity };
  const up = () => relays.filter((relay) => relay.isUp);
  const connectSeconds = rates.connectMicros / 1e6;
  const any = (list) => list[Math.floor(random() * list.length)];
  for (let second = 0; second < seconds; second++) {
    at(second, world);
    const alive = up();
    const spread = (count, work) => {
      // Many small things fall evenly; the rest of the division falls anywhere.
      const each = Math.floor(count / alive.length);
      for (const relay of alive) relay.give(each * work);
      for (let rest = count - each * alive.length; rest > 0; rest--) any(alive).give(work);
    };
    const connects = poisson(rates.connects, random);
    spread(connects, connectSeconds);
    const messages = poisson(rates.messages + rates.roomMessages, random);
    spread(messages, costs.redisRelayMicros / 1e6);
    spread(poisson(rates.deliveries, random), costs.deliveryMicros / 1e6);
    // A hot room's readers sit at all processes: each delivers to its own.
    for (let room = 0; room < hotRooms; room++) {
      spread(2 * 500, costs.deliveryMicros / 1e6);
      any(primaries).give((2 * costs.redisMicros * (1 + alive.length / 4)) / 1e6);
    }
    // Those of a dead process come back within ten seconds or as fast as they are taken.
    if (world.returning > 0) {
      const room = alive.reduce((sum, relay) => sum + Math.max(0, 1 - relay.backlog), 0);
      const now = Math.min(world.returning, Math.ceil(room / connectSeconds), Math.ceil(world.connectPace));
      spread(now, connectSeconds);
      world.returning -= now;
      world.returned += now;
      world.lastReturn = second;
    }
    const round = (messages * costs.redisMicros + (connects * channels * costs.redisMicros) / 3) / 1e6;
    for (const primary of primaries) primary.give(round / primaries.length);
    for (const core of [...relays, ...primaries]) core.pass();
  }
  return world;
}

const busy = (cores) =>
  cores.reduce((sum, core) => sum + core.worked, 0) / cores.reduce((sum, core) => sum + core.seconds, 0);
const worstWait = (cores, from) => Math.max(...cores.map((core) => Math.max(...core.waits.slice(from))));

/**
 * Plays the plan in several ways and says what holds.
 * @returns a list of { what, says, holds }.
 */
export function simulate({ people, costs, sized }) {
  const scale = 1 / 8; // as many processes as make queues, few enough to be quick
  const processes = Math.max(4, Math.round(sized.processes * scale));
  const shards = Math.max(3, Math.round(sized.shards * scale));
  const part = processes / sized.processes;
  const rates = Object.fromEntries(
    ['connects', 'messages', 'roomMessages', 'deliveries'].map((name) => [name, sized[name] * part]),
  );
  rates.connectMicros = sized.connectMicros;
  const base = { processes, shards, rates, costs, channels: people.channels, seconds: 300 };
  const percent = (n) => `${(100 * n).toFixed(1)} %`;

  const usual = play(base);
  const expected = sized.relayCores / sized.processes;
  const usualBusy = busy(usual.relays);

  const double = play({ ...base, processes: 2 * processes });
  const hot = play({ ...base, hotRooms: processes });
  const hotExpected = usualBusy + (2 * 500 * costs.deliveryMicros) / 1e6;

  // A process dies with all its clients, who come back at once.
  const lost = Math.round((sized.connections * part) / processes);
  const storm = play({
    ...base,
    at: (second, world) => {
      if (second !== 60) return;
      world.relays[0].isUp = false;
      world.relays[0].backlog = 0;
      world.returning = lost;
    },
  });
  const spare = (processes - 1) * (1 - (usualBusy * processes) / (processes - 1));
  const stormExpected = (lost * sized.connectMicros) / 1e6 / spare;
  const stormTook = storm.lastReturn - 60 + 1;

  // A primary is away for twelve seconds, then its replica takes over with what waited.
  const failover = play({
    ...base,
    at: (second, world) => {
      if (second === 60) world.primaries[0].isUp = false;
      if (second === 72) world.primaries[0].isUp = true;
    },
  });
  const redisBusy = busy(usual.primaries);
  const drained =
    failover.primaries[0].waits.findIndex((wait, second) => second >= 72 && wait < 0.01) - 72 + 1;
  const failoverExpected = (12 * redisBusy) / (1 - redisBusy);

  const near = (value, target, tolerance, slack = 0) =>
    Math.abs(value - target) <= target * tolerance + slack;
  return [
    {
      what: 'load',
      says: `relays ${percent(usualBusy)} busy, the model says ${percent(expected)}; the longest wait is ${worstWait(usual.relays, 0).toFixed(2)} s`,
      holds: near(usualBusy, expected, 0.05) && worstWait(usual.relays, 0) < 0.5,
    },
    {
      what: 'twice the processes',
      says: `${percent(busy(double.relays))} busy: half`,
      holds: near(busy(double.relays), usualBusy / 2, 0.05),
    },
    {
      what: 'hot rooms',
      says: `one room of 500 at two messages a second for each process: ${percent(busy(hot.relays))} busy, the model says ${percent(hotExpected)}`,
      holds: near(busy(hot.relays), hotExpected, 0.05),
    },
    {
      what: 'a process dies',
      says: `${lost.toLocaleString('en')} clients are back after ${stormTook} s, the model says ${stormExpected.toFixed(1)} s and no less than 1; ${storm.returned === lost ? 'nobody is left out' : 'SOME ARE LEFT OUT'}`,
      holds: storm.returned === lost && near(stormTook, Math.max(1, stormExpected), 0.5, 1.5),
    },
    {
      what: 'a primary fails over',
      says: `12 s away, its queue is empty ${drained} s after, the model says ${failoverExpected.toFixed(1)} s; the longest wait at the others is ${worstWait(failover.primaries.slice(1), 0).toFixed(2)} s`,
      holds:
        drained > 0 &&
        near(drained, failoverExpected, 0.5, 1.5) &&
        worstWait(failover.primaries.slice(1), 0) < 0.5,
    },
  ];
}
