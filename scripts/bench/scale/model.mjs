// The arithmetic from costs of one thing to machines for very many people. All assumptions are here, by name; what is
// measured is COSTS, from docs/scaling.md. Pure. Not its concern: whether the shape is right (simulate.mjs).

/** Of one thing on one core of the measured class of machine: 2 cores, 24 GiB, Node 20, November 2026, busy
 * with other work: an idle one needs about half of each CPU time. */
export const COSTS = {
  /** Memory of an idle connection with a mailbox proved and subscribed. */
  connectionKiB: 8.7,
  /** CPU to accept, prove and subscribe one. */
  connectMicros: 750,
  /** CPU for one more channel proved and subscribed on it. */
  proveMicros: 390,
  /** CPU of one message, append → deliver → ack, over Redis: the relays', and Redis'. */
  redisRelayMicros: 240,
  redisMicros: 80,
  /** CPU of one delivery in a room. */
  deliveryMicros: 37,
  /** What a channel and a waiting block take in Redis' memory. */
  channelBytes: 600,
  blockBytes: 4400,
};

/** What people do, at the busiest hour. Guesses, said as such; the simulation shows what a wrong one does. */
export const PEOPLE = {
  people: 10_000_000,
  /** Of all, connected at the busiest moment. */
  online: 0.1,
  /** Of a person online, and channels on each. */
  connections: 1.5,
  channels: 5,
  /** How long a connection lives: phones sleep. */
  sessionSeconds: 1200,
  /** Of a person online, one to one. */
  messagesAnHour: 30,
  /** Of those online, in a room; its size; and how often somebody in it speaks. */
  inRooms: 0.1,
  roomSize: 32,
  roomMessageSeconds: 10,
  /** Kept: mailboxes of every person, and blocks that wait for those who are away. */
  mailboxes: 8,
  waitingBlocks: 6,
};

/** A core is planned to be so busy: the rest is for bursts and for a process that is gone. */
const BUSY = 0.5;
/** Open files of a process, with room for the store's own. */
const MAX_CONNECTIONS = 19_000;
/** A primary's memory: a fork for rewriting may double it. */
const REDIS_GIB = 16;

/** @returns what so many people need, and the rates that it was computed from. */
export function plan(people, costs) {
  const online = people.people * people.online;
  const connections = online * people.connections;
  const connects = connections / people.sessionSeconds;
  const messages = (online * people.messagesAnHour) / 3600;
  const roomMessages = (online * people.inRooms) / people.roomSize / people.roomMessageSeconds;
  const deliveries = roomMessages * people.roomSize;
  const connectMicros = costs.connectMicros + (people.channels - 1) * costs.proveMicros;
  const relayCores =
    (connects * connectMicros +
      (messages + roomMessages) * costs.redisRelayMicros +
      deliveries * costs.deliveryMicros) /
    1e6;
  const byCpu = Math.ceil(relayCores / BUSY);
  const byConnections = Math.ceil(connections / MAX_CONNECTIONS);
  // One more than needed: a process may be gone.
  const processes = Math.max(byCpu, byConnections) + 1;
  // A proof is a round trip at Redis, about as dear as a third of a message.
  const redisCores =
    ((messages + roomMessages) * costs.redisMicros + (connects * people.channels * costs.redisMicros) / 3) /
    1e6;
  const storedGiB =
    (people.people * (people.mailboxes * costs.channelBytes + people.waitingBlocks * costs.blockBytes)) /
    2 ** 30;
  const shardsByCpu = Math.ceil(redisCores / BUSY);
  const shardsByMemory = Math.ceil(storedGiB / REDIS_GIB);
  const shards = Math.max(3, shardsByCpu, shardsByMemory);
  const relayGiB = (connections * costs.connectionKiB) / 2 ** 20 + processes * 0.1;
  const megabits = ((messages * 2 + roomMessages + deliveries) * 4600 + connects * 6 * 600) * 8e-6;
  const round = (n) => Math.round(n).toLocaleString('en');
  return {
    ...{ online, connections, connects, messages, roomMessages, deliveries, connectMicros },
    ...{ relayCores, byCpu, byConnections, processes, redisCores, storedGiB, shards, relayGiB, megabits },
    summary:
      `${round(connections)} connections and ${round(messages)} messages a second at the busiest hour: ` +
      `${processes} relay processes (${byConnections} for the connections, ${byCpu} for the CPU; ${relayGiB.toFixed(0)} GiB), ` +
      `a Redis Cluster of ${shards} primaries (${shardsByCpu} for the CPU, ${shardsByMemory} for ${round(storedGiB)} GiB) ` +
      `and as many replicas, ${round(megabits)} Mbit/s`,
  };
}
