"""Texts of the guide: complete in every language, the same structure, and no promises."""

import dataclasses
import re
import string
from collections.abc import Iterator
from typing import Any

import pytest

from app import guide

ENGLISH = guide.load()
EVERY_LANGUAGE = pytest.mark.parametrize("language", guide.languages())
EVERY_TRANSLATION = pytest.mark.parametrize(
    "language", [language for language in guide.languages() if language != "en"]
)

# Fields that a person reads; all others must be the same in every language.
TEXTS = {"title", "description", "question", "label", "said", "intro", "prompt", "hint", "text"}
TEXTS |= {
    field.name
    for kind in (guide.EstimateTexts, guide.PictureTexts)
    for field in dataclasses.fields(kind)
} - {"bands", "pictures"}

PROMISES = {
    "en": r"you('ll| will) (get|be offered|receive|succeed|win|land|have the job)|guarante"
    r"|certainly|definitely|undoubtedly|without (a )?doubt|for sure|always works|never fails"
    r"|bound to|sure to",
    "de": r"garantier|sicherlich|mit Sicherheit|ganz sicher|bestimmt|zweifellos|auf jeden Fall"
    r"|auf alle Fälle|immer Erfolg|du (bekommst|kriegst|erhältst)( \w+)? (die|das|den) "
    r"(Stelle|Job|Angebot|Zusage)|wirst du? .*(bekommen|erhalten|kriegen)",
}


def texts(value: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Yield every text a person reads, with where it stands."""
    match value:
        case dict():
            name = f"{path}.{value['id']}" if "id" in value else path
            for key, inner in value.items():
                if key in TEXTS and isinstance(inner, str):
                    yield f"{name}.{key}", inner
                else:
                    yield from texts(inner, f"{name}.{key}")
        case tuple():
            for at, inner in enumerate(value):
                yield from texts(inner, f"{path}[{at}]")
        case _:
            return


def skeleton(value: Any) -> Any:
    """Return the value with every text left blank."""
    match value:
        case dict():
            return {
                key: "…" if key in TEXTS and isinstance(inner, str) else skeleton(inner)
                for key, inner in value.items()
                if key != "language"
            }
        case tuple():
            return tuple(skeleton(inner) for inner in value)
        case _:
            return value


def texts_of(language: str) -> dict[str, str]:
    return dict(texts(dataclasses.asdict(guide.load(language))))


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def sentences(text: str) -> int:
    return len(re.findall(r"[.!?][\"'“]?(?= [A-ZÄÖÜ„'\d]|$)", text))


@EVERY_TRANSLATION
def test_V5_every_language_has_the_same_ids_and_structure(language: str) -> None:
    translated = dataclasses.asdict(guide.load(language))
    assert skeleton(translated) == skeleton(dataclasses.asdict(ENGLISH))
    assert texts_of(language).keys() == texts_of("en").keys()


@EVERY_LANGUAGE
def test_V5_no_text_is_empty(language: str) -> None:
    found = texts_of(language)
    assert len(found) >= 400
    assert not [path for path, text in found.items() if not text.strip()]


@EVERY_TRANSLATION
def test_V5_no_text_was_left_in_english(language: str) -> None:
    translated = texts_of(language)
    assert not [path for path, text in texts_of("en").items() if translated[path] == text]


@EVERY_TRANSLATION
def test_S14_a_template_has_the_same_placeholders_in_every_language(language: str) -> None:
    translated = texts_of(language)
    different = [
        path
        for path, text in texts_of("en").items()
        if placeholders(text) != placeholders(translated[path])
    ]
    assert not different


@EVERY_LANGUAGE
def test_only_the_words_of_an_estimate_have_placeholders(language: str) -> None:
    filled_in = {path for path, text in texts_of(language).items() if placeholders(text)}
    assert filled_in
    assert all(path.startswith(".estimate_texts.") for path in filled_in)


@EVERY_LANGUAGE
def test_no_text_promises_anything(language: str) -> None:
    promise = re.compile(PROMISES[language], re.IGNORECASE)
    found = {path: text for path, text in texts_of(language).items() if promise.search(text)}
    assert not found


@pytest.mark.parametrize(
    ("language", "promise"),
    [
        ("en", "Do this and you will get the job."),
        ("en", "You'll certainly hear from them."),
        ("de", "So bekommst du bestimmt eine Zusage."),
        ("de", "Damit wirst du die Stelle bekommen."),
    ],
)
def test_a_promise_is_noticed(language: str, promise: str) -> None:
    assert re.search(PROMISES[language], promise, re.IGNORECASE)


def test_the_words_of_an_estimate_never_say_you_will() -> None:
    told = {p: text for p, text in texts_of("en").items() if p.startswith(".estimate_texts")}
    assert not [path for path, text in told.items() if "you will" in text.lower()]


@EVERY_LANGUAGE
def test_the_figure_says_whether_it_rests_on_judgement_or_on_outcomes(language: str) -> None:
    words = guide.load(language).estimate_texts
    assert not placeholders(words.by_judgement)
    assert placeholders(words.by_outcomes) == {"outcomes"}


@EVERY_LANGUAGE
def test_a_step_says_what_and_why_in_two_to_four_sentences(language: str) -> None:
    counted = {step.id: sentences(step.text) for step in guide.load(language).steps}
    assert not {step: count for step, count in counted.items() if not 2 <= count <= 4}


@EVERY_LANGUAGE
def test_what_was_observed_is_said_in_one_sentence(language: str) -> None:
    said = [level.said for signal in guide.load(language).signals for level in signal.levels]
    assert not [text for text in said if sentences(text) != 1 or not text.endswith(".")]


@EVERY_LANGUAGE
def test_a_signal_is_asked_about_in_one_question(language: str) -> None:
    asked = [signal.question for signal in guide.load(language).signals]
    assert not [text for text in asked if sentences(text) != 1 or not text.endswith("?")]


def test_german_says_du() -> None:
    formal = re.compile(r"\bIhnen\b|\bIhre[mnrs]?\b|[a-zäöüß,;] (Sie|Ihr)\b")
    unquoted = {path: re.sub("„[^“]*“", "", text) for path, text in texts_of("de").items()}
    assert not {path: text for path, text in unquoted.items() if formal.search(text)}
