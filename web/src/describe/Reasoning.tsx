import type { EnhancedPrompt } from "./api";
import { steps } from "./brief";

/** The engine's reasoning, step by step: what it took, why, and how sure it is. */
export function Reasoning({ answer }: { answer: EnhancedPrompt }) {
  return (
    <section className="describe-reasoning" aria-label="Reasoning">
      <h3>Reasoning</h3>
      <ol>
        {steps(answer).map((step) => (
          <li key={`${step.name} ${step.text}`}>
            <p>
              <strong>{step.name}:</strong> {step.value}
            </p>
            <p className="field-hint">
              {step.text}. <span className="describe-reasoning-sure">{`${step.sure} % sure, ${step.source}`}</span>
            </p>
          </li>
        ))}
      </ol>
    </section>
  );
}
