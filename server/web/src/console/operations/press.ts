/** A press of a button that does something. The second press of a double click does nothing, nor does a key that is held down:
 * by then another button may lie under the hand, such as one that confirms. */

interface Handlers {
  readonly onClick: (event: Pick<MouseEvent, "detail">) => void;
  readonly onKeyDown: (event: Pick<KeyboardEvent, "repeat" | "key" | "preventDefault">) => void;
}

export function onceEach(act: () => unknown): Handlers {
  return {
    // How many clicks in a row it is; 0 by the keyboard.
    onClick: ({ detail }) => {
      if (detail <= 1) act();
    },
    onKeyDown: (event) => {
      if (event.repeat && (event.key === "Enter" || event.key === " ")) event.preventDefault();
    },
  };
}
