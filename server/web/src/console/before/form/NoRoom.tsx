import { t } from "../../../shared/i18n";
import { goToStep } from "../steps";

/** What is of a room, where none is chosen. */
export function NoRoom() {
  return (
    <p class="empty">
      {t("before.no_room")}{" "}
      <button type="button" onClick={() => goToStep("room")}>
        {t("before.room.make")}
      </button>
    </p>
  );
}
