import { useCallback } from "react";
import { useLocation } from "wouter";
import { useTitle } from "../app";
import { BriefCard } from "./BriefCard";
import { usedReading } from "./brief";
import { PromptCard } from "./PromptCard";
import { ProvidersCard } from "./ProvidersCard";
import { ReferenceCard } from "./ReferenceCard";
import { DetailsCard, GatesCard, LyricsCard } from "./SettingsCards";
import { StartBar } from "./StartBar";
import { useForm } from "./useForm";
import { useReading } from "./useReading";
import { useStart } from "./useStart";

/** Where a song begins: say what it should be, see what is understood, correct it, start. */
export function DescribePage() {
  useTitle("New song");
  const [, navigate] = useLocation();
  const form = useForm();
  const reading = useReading(form);
  const starting = useStart(
    form,
    useCallback((id: string) => navigate(`/songs/${id}`), [navigate]),
  );
  return (
    <div className="describe">
      <h1>New song</h1>
      <div className="describe-columns">
        <div className="describe-main">
          <PromptCard form={form} reading={reading} />
          <BriefCard form={form} reading={reading} />
        </div>
        <div className="describe-side">
          <GatesCard form={form} />
          <DetailsCard form={form} title={usedReading(form.draft)?.answer.title} />
          <ReferenceCard form={form} />
          <LyricsCard form={form} />
          <ProvidersCard form={form} />
        </div>
      </div>
      <StartBar
        form={form}
        starting={starting}
        onStart={() => {
          reading.cancel();
          void starting.begin(form.draft);
        }}
      />
    </div>
  );
}
