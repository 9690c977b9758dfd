import "./describe.css";

export { DescribePage } from "./DescribePage";
