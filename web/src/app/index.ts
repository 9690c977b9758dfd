export { useTitle } from "./title";
