/**
 * A product's picture: over its first characters on its own colour, which are all there is where it has none, or it
 * fails. Its room is the tile's, so that nothing moves when it comes. The page's policy says from where one is loaded.
 *
 * The look is the page's: `tile.css`, or another one where the browser knows less.
 */

import { hue, initials } from "./monogram";

interface Props {
  readonly sku: string;
  readonly title: string;
  /** A whole address or a path of the server; null where the product has none. */
  readonly image: string | null;
}

export function Tile({ sku, title, image }: Props) {
  const letters = initials(title, sku);
  return (
    <div class="tile" style={{ "--hue": hue(sku) }} aria-hidden="true">
      <span class="tile-letters" data-wide={letters.length === 1 ? "" : undefined}>
        {letters}
      </span>
      {image !== null && <Picture key={image} address={image} />}
      <span class="tile-sku">{sku}</span>
    </div>
  );
}

/** Seen once it is whole. One that never is leaves what is under it, and another address is another element. */
function Picture({ address }: { address: string }) {
  return (
    <img
      class="tile-picture"
      src={address}
      alt=""
      decoding="async"
      onLoad={(event) => event.currentTarget.setAttribute("data-whole", "")}
    />
  );
}
