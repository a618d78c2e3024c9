/** What left the server for the archive, and one person's data. */

import type { Console } from "../../console";
import { PersonCard } from "./PersonCard";

export function ArchiveTab({ it }: { readonly it: Console }) {
  return <PersonCard it={it} />;
}
