/** The bar that empties: free units, then those in checkouts. Moved by transforms, which OBS draws without layout. */

import type { Shares } from "./share";

export function Bar({ shares }: { shares: Shares }) {
  return (
    <div class="bar" aria-hidden="true">
      <span class="in-checkouts" style={{ transform: `scaleX(${shares.free + shares.held})` }} />
      <span class="free" style={{ transform: `scaleX(${shares.free})` }} />
    </div>
  );
}
