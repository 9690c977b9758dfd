import "./song.css";

export { SongPage } from "./SongPage";
