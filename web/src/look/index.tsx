import "./look.css";

export { LookPanel } from "./LookPanel";
