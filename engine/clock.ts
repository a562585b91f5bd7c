/** A point in time: epoch milliseconds, UTC, integer. */
export type Instant = number

/** The only way to learn the time. The server's reads the machine's clock, a test's or a simulation's is moved by hand. */
export interface Clock {
  now(): Instant
}
