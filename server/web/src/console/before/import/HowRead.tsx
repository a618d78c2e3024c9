/** How a file was read, to be changed where it is wrong, with its first rows to judge by. */

import { t } from "../../../shared/i18n";
import type { ImportItem } from "../../api/schema";
import { useConsole } from "../../console";
import { ChoiceField } from "../form/Plain";
import { Scroll } from "../form/Scroll";
import { noteText } from "./faultText";
import type { Importing, Read } from "./importing";

interface Props {
  readonly importing: Importing;
  readonly item: ImportItem;
  readonly preview: Read;
}

/** The column of a file that has no opening stock. */
const NONE = "none";

export function HowRead({ importing, item, preview }: Props) {
  const { room, kept } = useConsole();
  const title = (room !== "" && kept.room.want().value?.title) || room;
  return (
    <section class="card" aria-label={t("before.import.how")}>
      <h4>{t("before.import.how")}</h4>
      <div class="two">
        {preview.encodings.length > 0 && (
          <ChoiceField
            label={t("before.import.encoding")}
            hint={t("before.import.encoding.hint")}
            value={preview.encodings.find((each) => each === preview.encoding) ?? ""}
            choices={[["", t("before.import.found_out")], ...preview.encodings.map((each) => [each, each] as const)]}
            onValue={(encoding) => void importing.mean({ encoding: encoding || null })}
          />
        )}
        {preview.dates.length > 0 && (
          <ChoiceField
            label={t("before.import.dates")}
            value={item.dates ?? ""}
            choices={[
              ["", t("before.import.found_out")],
              ...preview.dates.map((each) => [each, t(`before.import.dates.${each}`)] as const),
            ]}
            onValue={(dates) => void importing.mean({ dates: (dates || null) as "mdy" | "dmy" | null })}
          />
        )}
        {item.kind === "catalogue" && preview.columns.length > 0 && (
          <ChoiceField
            label={t("before.import.opening")}
            hint={t("before.import.opening.hint")}
            value={item.opening ?? ""}
            choices={[
              ["", t("before.import.found_out")],
              [NONE, t("before.import.opening.none")],
              ...preview.columns.map((each) => [each, each] as const),
            ]}
            onValue={(opening) => void importing.mean({ opening: opening || null })}
          />
        )}
        {item.kind === "orders" && (
          <ChoiceField
            label={t("before.import.channel")}
            value={item.channel ?? ""}
            choices={(kept.channels.want().value ?? []).map(
              ({ channel, title: named }) => [channel, named || channel] as const,
            )}
            onValue={(channel) => void importing.mean({ channel })}
          />
        )}
        {item.kind === "catalogue" && room !== "" && (
          <ChoiceField
            label={t("before.import.room")}
            value={item.room === null ? "" : room}
            choices={[
              [room, t("before.import.room.yes", { room: title })],
              ["", t("before.import.room.no")],
            ]}
            onValue={(chosen) => void importing.mean({ room: chosen || null })}
          />
        )}
      </div>
      {preview.notes.map((note) => (
        <p key={note} class="quiet">
          {noteText(note)}
        </p>
      ))}
      {preview.ignored_columns.length > 0 && (
        <p class="quiet">
          {t("before.import.ignored", { columns: preview.ignored_columns.join(t("before.list.between")) })}
        </p>
      )}
      {preview.first_rows.length > 0 && (
        <>
          <h5>{t("before.import.first")}</h5>
          <Scroll label={t("before.import.first")}>
            <table class="sheet small raw">
              <thead>
                <tr>
                  <th scope="col">{t("before.import.line")}</th>
                  {preview.columns.map((column) => (
                    <th key={column} scope="col">
                      {column}
                    </th>
                  ))}
                </tr>
              </thead>
              <tbody>
                {preview.first_rows.map(({ line, cells }) => (
                  <tr key={line}>
                    <th scope="row">{line}</th>
                    {preview.columns.map((column, at) => (
                      <td key={column}>{cells[at]}</td>
                    ))}
                  </tr>
                ))}
              </tbody>
            </table>
          </Scroll>
        </>
      )}
    </section>
  );
}
