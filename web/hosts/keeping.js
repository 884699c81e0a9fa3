// What keeps calls in a CRM: in the adapters of the hosts that have a log, so that the others do not load it.
export { CallLog } from "./log.js";
export { Notes } from "./notes.js";
