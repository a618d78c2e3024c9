/** A product's picture: there is none, so its first characters on its own colour. */

import { hue, initials } from "./model/monogram";
import "./tile.css";

export function Tile({ sku, title }: { sku: string; title: string }) {
  const letters = initials(title, sku);
  return (
    <div class="tile" style={{ "--hue": hue(sku) }} aria-hidden="true">
      <span class="tile-letters" data-wide={letters.length === 1 ? "" : undefined}>
        {letters}
      </span>
      <span class="tile-sku">{sku}</span>
    </div>
  );
}
