/** What the console says in Chinese from the beginning on; a view that is loaded later brings its own.
 * What is in force stands over every view, in the words of the emergency calls. */

import staff from "../../staff/zh.json";
import board from "../board/zh.json";
import emergency from "../emergency/zh.json";
import operations from "../operations/zh.json";
import shell from "../shell/zh.json";

export default { ...staff, ...shell, ...operations, ...board, ...emergency };
