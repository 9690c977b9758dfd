import { lazy, Suspense } from "react";
import { Route, Switch } from "wouter";
import { Spinner } from "../ui";
import { Failure } from "./Failure";
import { NotFound } from "./NotFound";
import { Shell } from "./Shell";
import { SignIn } from "./SignIn";

// Each page is fetched when it is first seen; the shell and the player are there at once.
const LibraryPage = lazy(() => import("../library").then((page) => ({ default: page.LibraryPage })));
const ProvidersPage = lazy(() => import("../library").then((page) => ({ default: page.ProvidersPage })));
const KeysPage = lazy(() => import("../library").then((page) => ({ default: page.KeysPage })));
const DescribePage = lazy(() => import("../describe").then((page) => ({ default: page.DescribePage })));
const SongPage = lazy(() => import("../song").then((page) => ({ default: page.SongPage })));
const JoinPage = lazy(() => import("../share").then((page) => ({ default: page.JoinPage })));

export function App() {
  return (
    <Shell>
      <Failure>
        <Suspense fallback={<Spinner label="Loading the page" />}>
          <Switch>
            <Route path="/">
              <LibraryPage />
            </Route>
            <Route path="/new">
              <DescribePage />
            </Route>
            <Route path="/songs/:id">{({ id }) => <SongPage key={id} id={id} />}</Route>
            <Route path="/providers">
              <ProvidersPage />
            </Route>
            <Route path="/keys">
              <KeysPage />
            </Route>
            <Route path="/join/:token">{({ token }) => <JoinPage token={token} />}</Route>
            <Route path="/sign-in">
              <SignIn />
            </Route>
            <Route>
              <NotFound />
            </Route>
          </Switch>
        </Suspense>
      </Failure>
    </Shell>
  );
}
