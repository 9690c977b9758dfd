import { useTitle } from "./title";

export function SignIn() {
  useTitle("Sign in");
  return <h1>Sign in</h1>;
}
