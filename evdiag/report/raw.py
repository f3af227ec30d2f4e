"""What was transmitted, and the raw facts of the recording."""

from __future__ import annotations

from collections.abc import Iterator

from evdiag.report.document import Block, Pairs, Paragraph, Table, Text
from evdiag.report.model import Decided, Report, Sent
from evdiag.report.wording import NOTHING, count, evidence, place, seconds
from evdiag.report.words import Words


def sending_blocks(report: Report, words: Words) -> Iterator[Block]:
    """Yield every frame that was sent and every decision of the gate; or that there was none."""
    sending = report.sending
    if sending.by_evdiag:
        if not sending.frames:
            yield Paragraph(words("sent_nothing"))
    elif not sending.told:
        yield Paragraph(words("sent_not_told"))
    elif not sending.frames:
        yield Paragraph(words("sent_none_seen"))
    else:
        yield Paragraph(words("sent_by_others"))
    if sending.frames:
        heads = ("at", "channel", "id", "data", "count")
        yield Table(
            tuple(words(f"sent_{head}") for head in heads),
            tuple(
                (
                    _span(report, frame, words),
                    frame.channel,
                    frame.id,
                    frame.data,
                    f"{count(frame.times)}×",
                )
                for frame in sending.frames
            ),
            (22, 14, 16, 38, 10),
            words("sent_caption"),
        )
    if sending.decisions:
        yield _decisions(report, words)
    elif sending.by_evdiag:
        yield Paragraph(words("no_decision"))


def _decisions(report: Report, words: Words) -> Table:
    return Table(
        tuple(words(f"decision_{head}") for head in ("at", "intent", "answer", "reasons", "count")),
        tuple(
            (
                _span(report, decision, words),
                decision.intent,
                words("permitted") if decision.permitted else words("refused"),
                "; ".join(decision.reasons) or NOTHING,
                f"{count(decision.times)}×",
            )
            for decision in report.sending.decisions
        ),
        (22, 22, 14, 32, 10),
        words("decisions_caption"),
    )


def _span(report: Report, found: Sent | Decided, words: Words) -> str:
    first, last = (place(report, at, words) for at in (found.first_ns, found.last_ns))
    return first if first == last else f"{first} – {last}"


def fact_blocks(report: Report, words: Words) -> Iterator[Block]:
    """Yield what the recording is, by hash, and with what it was read."""
    facts = report.facts
    yield Pairs(tuple(_facts(report, words)))
    if report.marks:
        yield Table(
            (words("mark_number"), words("mark_at"), words("mark_text")),
            tuple(
                (str(number), place(report, mark.time_ns, words), mark.text)
                for number, mark in enumerate(report.marks, start=1)
            ),
            (8, 14, 78),
            words("marks_caption"),
        )
    for title, files in (("files", facts.files), ("definitions", facts.definitions)):
        if files:
            heads = (words("file_name"), words("file_hash"))
            yield Table(heads, tuple(map(tuple, files)), (28, 72), words(f"{title}_caption"))
    if not facts.files:
        yield Paragraph(words("no_files"), quiet=True)
    if words.language != "en":
        yield Paragraph(words("english_note"), quiet=True)


def _facts(report: Report, words: Words) -> Iterator[tuple[str, Text]]:
    facts = report.facts
    yield words("recording"), facts.recording
    yield words("format"), facts.format
    yield words("frames"), count(facts.frames)
    yield words("duration"), seconds(facts.duration_s, words)
    channels = [f"{name} ({count(frames)})" for name, frames in facts.channels]
    yield words("channels"), ", ".join(channels) or NOTHING
    yield words("errors"), count(facts.error_frames)
    yield words("lost"), count(facts.lost_frames)
    yield words("skipped"), count(facts.skipped_lines)
    said: list[Text] = [*facts.oddities, *report.warnings]
    if not said:
        yield words("oddities"), words("no_oddity")
    for text in said:
        yield words("oddities"), words.said(str(text))
    for fact in () if report.car is None else report.car.facts:
        if fact.kind == "signals":
            names = ", ".join(words.of("signals", name) for name in fact.value.split())
            yield words("signals_read", level=evidence(fact.evidence, words)), names
        else:
            yield words("source_of", what=words(f"{fact.kind}_short")), fact.source
    for name, text in facts.recorded_with:
        yield words("recorded_with"), f"{name} {text}"
    yield words("read_with"), f"evdiag {facts.evdiag}"
