/** The bounds of a session. Each can be set in `connect({ policy })`. */
export interface Policy {
  /** Requests waiting for an answer; the server's own limit (`unanswered_reservations_max`). */
  readonly unansweredMax: number;
  /** Times a request is sent that keeps being refused as not executed, before the refusal is returned. */
  readonly sameIdAttemptsMax: number;
  /** How long a request waits for its answer, unless the call says otherwise. */
  readonly requestTimeoutMs: number;
  /** A little under the server's limit (`messages_a_second`, 20), which closes a connection that goes on above it. */
  readonly messagesASecond: number;
  readonly messagesBurst: number;
  /** The ceiling of the first wait before connecting again; it doubles with each attempt … */
  readonly backoffBaseMs: number;
  /** … up to this. */
  readonly backoffCapMs: number;
  /** A connection that lasted this long was a good one: back-off begins anew after it. */
  readonly stableAfterMs: number;
  /** How long a connection may take to open, the token and the question after a refusal included. */
  readonly openTimeoutMs: number;
  /** A connection that says nothing for this long is dead, until the server has said how often it will. */
  readonly silenceMaxMs: number;
  /** Connections in a row that ended because the server sent something unreadable, before giving up. */
  readonly unreadableMax: number;
  /** How long after it was made an unanswered reservation may be sent again by a reloaded page. */
  readonly storedForMs: number;
}

export const POLICY: Policy = {
  unansweredMax: 64,
  sameIdAttemptsMax: 8,
  requestTimeoutMs: 20_000,
  messagesASecond: 16,
  messagesBurst: 32,
  backoffBaseMs: 500,
  backoffCapMs: 20_000,
  stableAfterMs: 5_000,
  openTimeoutMs: 10_000,
  silenceMaxMs: 75_000,
  unreadableMax: 3,
  storedForMs: 120_000,
};
