/** A show that does not begin, since the checklist of its room fails: what stands in place of the button that begins it. */

import type { Problem } from "../api/schema";
import { beforeWords } from "../before/words";
import { later } from "../later";

export interface ShutProps {
  /** As the server refused it. */
  readonly problem: Partial<Problem>;
  /** Called when the room went on air all the same. */
  readonly onDone: () => void;
  readonly onCancel?: () => void;
}

export const GateShut = later<ShutProps>(async () => (await import("./GateShut")).GateShut, beforeWords);
