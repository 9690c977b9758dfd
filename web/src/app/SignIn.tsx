import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { useLocation, useSearchParams } from "wouter";
import { api, data, signedOut } from "../api";
import { Banner, Button, Dialog, Field, ProblemNote } from "../ui";
import { useTitle } from "./title";

/** The sign-in page. It stands at the place that was asked for, or at an address of its own that names one. */
export function SignIn() {
  useTitle("Sign in");
  const [location, navigate] = useLocation();
  const [search] = useSearchParams();
  const stay = location !== "/sign-in";
  return (
    <div className="sign-in stack">
      <h1>Sign in</h1>
      <p className="dim">
        This studio asks who you are. Sign in with an API key of yours: whoever runs the server gives you the first one,
        and the page “Keys” makes more.
      </p>
      <SignInForm onDone={() => stay || navigate(placeIn(search.get("next")), { replace: true })} />
    </div>
  );
}

/** For somebody whose session ended in the middle of something: the page, and what is typed in it, stays. */
export function SignInAgain() {
  const [open, setOpen] = useState(false);
  return (
    <>
      <Banner
        tone="warn"
        action={
          <Button size="small" onClick={() => setOpen(true)}>
            Sign in
          </Button>
        }
      >
        You are signed out. What you typed is kept.
      </Banner>
      <Dialog open={open} title="Sign in again" onClose={() => setOpen(false)}>
        <SignInForm onDone={() => setOpen(false)} />
      </Dialog>
    </>
  );
}

function SignInForm({ onDone }: { onDone(): void }) {
  const [key, setKey] = useState("");
  const client = useQueryClient();
  const signing = useMutation({
    mutationFn: () => data(api.POST("/v1/sessions", { body: { api_key: key.trim() } })),
    onSuccess: () => {
      signedOut.set(false);
      onDone();
      return client.invalidateQueries();
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (key.trim() && !signing.isPending) signing.mutate();
  };
  return (
    <form className="stack" onSubmit={submit}>
      <Field
        label="API key"
        type="password"
        autoComplete="current-password"
        spellCheck={false}
        required
        value={key}
        onChange={(event) => setKey(event.target.value)}
        hint="It is sent once; after that a cookie that no script can read keeps you signed in for 14 days."
      />
      <ProblemNote problem={signing.error} />
      <div>
        <Button type="submit" look="primary" busy={signing.isPending}>
          Sign in
        </Button>
      </div>
    </form>
  );
}

/** A place of this studio; never another site's. */
export function placeIn(asked: string | null): string {
  return asked && /^\/(?![/\\])/.test(asked) ? asked : "/";
}
