/** What is final or wrong, in one tree. Sold out, refused, expired, unanswered are no errors: they are values.
 *
 *     ClientError
 *      ├── UsageError       the caller asked for something that cannot be: a wrong id, a quantity of 0, a closed room
 *      ├── Rejected         the server will not let this client in (401, 403, 404 …); asking again cannot help
 *      ├── ClosedByServer   the server closed with a code that forbids connecting again (4500-4999)
 *      └── ProtocolError    what the server sent is not protocol v1
 */

/** Any error this package makes on purpose. */
export class ClientError extends Error {
  override readonly name: string = "ClientError";
}

/** The call cannot be right, whatever the server says; the message says what was expected. */
export class UsageError extends ClientError {
  override readonly name = "UsageError";
}

/** The server refused the connection for good: `detail` is its own words, `code` its answer code where it gave one,
 * `field` what of the request is wrong where it is one thing: "room", or "Origin" for pages of this address. */
export class Rejected extends ClientError {
  override readonly name = "Rejected";
  constructor(
    readonly status: number,
    readonly code: string,
    readonly detail: string,
    readonly field?: unknown,
  ) {
    super(`refused with status ${status}: ${detail}`);
  }
}

/** The server closed the connection with a code that says: do not come back. */
export class ClosedByServer extends ClientError {
  override readonly name = "ClosedByServer";
  constructor(
    readonly code: number,
    readonly reason: string,
  ) {
    super(`closed by the server with code ${code}${reason && `: ${reason}`}`);
  }
}

/** A frame is not a message of protocol v1; the message says where, and what was expected. */
export class ProtocolError extends ClientError {
  override readonly name = "ProtocolError";
}
