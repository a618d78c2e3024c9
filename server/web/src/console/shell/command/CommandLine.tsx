/** The command line: says in units what a line would do, and does it with Enter. A host calls a number, an operator types. */

import { signal } from "@preact/signals";
import { useEffect, useId, useMemo, useRef, useState } from "preact/hooks";
import { t } from "../../../shared/i18n";
import { useConsole } from "../../console";
import type { Operation } from "../../operations/operation";
import { type OfPage, operationOf } from "./carried";
import { type Command, type Fault, GRAMMAR, parse } from "./commands";
import { History } from "./history";
import { comesTo, knownOf } from "./known";
import "./command.css";

/** Counts up when somebody asks for the command line by a key. */
const asked = signal(0);

/** Put the cursor into the command line. */
export function openCommandLine(): void {
  asked.value += 1;
}

const history = new History();

interface Props {
  /** What the page itself does. */
  readonly onPage: (command: OfPage) => void;
}

/** What stands under the line: a sentence, or what was expected. */
interface Reading {
  readonly text: string;
  readonly isFault: boolean;
  readonly enter: (() => Promise<boolean> | boolean) | null;
}

export function CommandLine({ onPage }: Props) {
  const it = useConsole();
  const [line, setLine] = useState("");
  const [open, setOpen] = useState(false);
  const input = useRef<HTMLInputElement>(null);
  const before = useRef<Element | null>(null);
  const [says, field] = [useId(), useId()];
  useEffect(() => {
    it.kept.batches.want();
    it.kept.channels.want();
    it.kept.skus.want();
  }, [it]);
  // A key that asks for it, but not the drawing that begins the page.
  const begun = useRef(asked.peek());
  useEffect(
    () =>
      asked.subscribe((times) => {
        if (times === begun.current) return;
        begun.current = times;
        before.current = document.activeElement;
        input.current?.focus();
      }),
    [],
  );
  // Whoever is quick has written it before all that it names has been read.
  const come = line === "" ? [] : comesTo(it);
  const command = useMemo(() => parse(line, knownOf(it)), [line, it, ...come]);
  const operation = command === null || command.kind === "fault" || isOfPage(command) ? null : operationOf(it, command);
  const reading = readingOf(
    command,
    operation,
    onPage,
    async (operation) => (await it.doing.perform(operation))?.ok === true,
  );
  const leave = () => {
    setLine("");
    input.current?.blur();
    if (before.current instanceof HTMLElement) before.current.focus();
    before.current = null;
  };
  const enter = async () => {
    if (reading?.enter == null || reading.isFault) return;
    const entered = line;
    // At once: whoever is quick writes the next line while this one is carried out.
    setLine("");
    history.add(entered);
    const went = await reading.enter();
    if (!went) setLine((now) => (now === "" ? entered : now));
  };
  return (
    <div class="command">
      {open && (
        <div class="command-over">
          <p id={says} class="command-says" data-fault={reading?.isFault ?? false}>
            {reading === null ? t("command.help") : reading.text}
          </p>
          {line === "" && <Forms />}
        </div>
      )}
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void enter();
        }}
      >
        <label class="visually-hidden" for={field}>
          {t("command.label")}
        </label>
        <input
          id={field}
          ref={input}
          value={line}
          placeholder={t("command.placeholder")}
          autocomplete="off"
          autocapitalize="off"
          spellcheck={false}
          enterkeyhint="go"
          aria-describedby={open ? says : undefined}
          aria-invalid={reading?.isFault ?? false}
          onInput={(event) => setLine(event.currentTarget.value)}
          onFocus={() => setOpen(true)}
          onBlur={() => setOpen(false)}
          onKeyDown={(event) => {
            // While an input method composes a word, its keys are its own.
            if (event.isComposing) return;
            if (event.key === "Escape") leave();
            else if (event.key === "ArrowUp") setLine(history.before(line));
            else if (event.key === "ArrowDown") setLine(history.behind());
            else return;
            event.preventDefault();
          }}
        />
        {open && line !== "" && (
          <button
            type="submit"
            class="main"
            disabled={reading?.isFault ?? true}
            // The field keeps the focus, and with it the sentence.
            onPointerDown={(event) => event.preventDefault()}
          >
            {t("command.enter")}
          </button>
        )}
      </form>
    </div>
  );
}

/** How lines are written, as long as there is none. */
function Forms() {
  return (
    <ul class="command-forms">
      {GRAMMAR.map(({ name, form }) => (
        <li key={name}>
          <code>{form}</code> {t(name === "help" ? "command.help_form" : `command.${name}`)}
        </li>
      ))}
    </ul>
  );
}

function isOfPage(command: Command | Fault): command is OfPage {
  return command.kind === "go" || command.kind === "help";
}

function readingOf(
  command: Command | Fault | null,
  operation: Operation | string | null,
  onPage: (command: OfPage) => void,
  perform: (operation: Operation) => Promise<boolean>,
): Reading | null {
  if (command === null) return null;
  if (command.kind === "fault") return { text: t(command.fault, { ...command.values }), isFault: true, enter: null };
  if (isOfPage(command)) {
    const text =
      command.kind === "go" ? t("command.go_says", { view: t(`shell.view.${command.view}`) }) : t("command.help_says");
    const enter = () => {
      onPage(command);
      return true;
    };
    return { text, isFault: false, enter };
  }
  if (operation === null) return null;
  if (typeof operation === "string") return { text: operation, isFault: true, enter: null };
  const hindered = operation.hindered();
  if (hindered !== "") return { text: hindered, isFault: true, enter: null };
  return { text: operation.says(), isFault: false, enter: () => perform(operation) };
}
