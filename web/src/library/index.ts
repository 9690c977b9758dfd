export { KeysPage } from "./KeysPage";
export { LibraryPage } from "./LibraryPage";
export { ProvidersPage } from "./ProvidersPage";
