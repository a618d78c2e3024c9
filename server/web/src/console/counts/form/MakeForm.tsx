/** The form by which a count or a receipt is made, with the way back to the list. */

import type { ComponentChildren } from "preact";
import { linkTo, type Part } from "../parts";

interface Props {
  readonly id: string;
  readonly title: string;
  /** The list that it comes from, and what that is called. */
  readonly list: Part;
  readonly back: string;
  readonly does: string;
  readonly fault: string;
  readonly busy: boolean;
  readonly onMake: () => void;
  readonly children: ComponentChildren;
}

export function MakeForm({ id, title, list, back, does, fault, busy, onMake, children }: Props) {
  return (
    <>
      <p class="back">
        <a href={linkTo(list)}>{back}</a>
      </p>
      <form
        class="card make"
        aria-labelledby={id}
        onSubmit={(event) => {
          event.preventDefault();
          onMake();
        }}
      >
        <h2 id={id}>{title}</h2>
        {children}
        {fault !== "" && (
          <p class="fault" role="alert">
            {fault}
          </p>
        )}
        <div class="buttons">
          <button type="submit" class="main" aria-disabled={busy}>
            {does}
          </button>
        </div>
      </form>
    </>
  );
}
