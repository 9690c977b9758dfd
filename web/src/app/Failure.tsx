import { Component, type ErrorInfo, type ReactNode } from "react";
import { Button, Empty } from "../ui";

/** A part of the studio could not be fetched; only loading the page again brings it. */
const NOT_FETCHED = /dynamically imported|importing a module|error loading/i;

/** Where a page breaks, the rest of the studio, and what plays, goes on. */
export class Failure extends Component<{ children: ReactNode }, { error: Error | null }> {
  override state: { error: Error | null } = { error: null };

  static getDerivedStateFromError(error: Error) {
    return { error };
  }

  override componentDidCatch(error: Error, info: ErrorInfo): void {
    // biome-ignore lint/suspicious/noConsole: the only place where a person who reports a fault finds its trace
    console.error(error, info.componentStack);
  }

  override render(): ReactNode {
    const { error } = this.state;
    if (!error) return this.props.children;
    return (
      <Empty
        page
        title="This page could not be shown"
        action={
          <Button
            onClick={() => (NOT_FETCHED.test(error.message) ? location.reload() : this.setState({ error: null }))}
          >
            Try again
          </Button>
        }
      >
        {NOT_FETCHED.test(error.message) ? "A part of the studio could not be fetched." : error.message} Nothing of your
        songs is lost.
      </Empty>
    );
  }
}
