/** What left the server for the archive, and one person's data. */

import type { Console } from "../../console";
import { LedgerCard } from "./LedgerCard";
import { PersonCard } from "./PersonCard";

export function ArchiveTab({ it }: { readonly it: Console }) {
  return (
    <>
      <LedgerCard it={it} />
      <PersonCard it={it} />
    </>
  );
}
