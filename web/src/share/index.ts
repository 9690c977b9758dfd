export { JoinPage } from "./JoinPage";
export { SharePanel } from "./SharePanel";
