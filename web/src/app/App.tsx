import { Suspense, useEffect } from "react";
import { Route, Switch, useLocation } from "wouter";
import { Spinner } from "../ui";
import { Failure } from "./Failure";
import { Gate } from "./Gate";
import { NotFound } from "./NotFound";
import { DescribePage, JoinPage, KeysPage, LibraryPage, loadEverything, ProvidersPage, SongPage } from "./pages";
import { Shell } from "./Shell";
import { SignIn } from "./SignIn";

export function App() {
  const [location] = useLocation();
  useEffect(loadEverything, []);
  return (
    <Shell>
      <Gate>
        <Failure key={location}>
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
      </Gate>
    </Shell>
  );
}
