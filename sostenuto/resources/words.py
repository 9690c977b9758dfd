"""Trying words without a song: what a prompt would become, and what an instruction is understood as."""

from collections.abc import Mapping
from typing import Any

from sostenuto import resource_answers as answers
from sostenuto.resources.asking import Asking, given


class Words(Asking):
    """Calls that only read what a person writes."""

    def enhance_prompt(
        self, prompt: str, *, level: str | None = None, context: Mapping[str, Any] | None = None
    ) -> answers.EnhancedPrompt:
        """What a prompt would become: light, moderate (as it is where nothing is said) or strong.

        `context`: wishes by context path, as at a start. Raises InvalidPrompt, UnknownPath, InvalidValue.
        """
        settings = {"enhancement": {"level": level}} if level else None
        body = given(prompt=prompt, settings=settings, context=context)
        return self._post(answers.EnhancedPrompt, "/v1/prompts/enhance", body)

    def read_instruction(self, words: str) -> answers.Reading:
        """What the words of a revision, 1 to 2000 characters, would do. Raises InvalidCommand for others.

        By the forms that are understood without a language model; nothing is changed by it.
        """
        return self._get(answers.Reading, "/v1/instructions/reading", words=words)
