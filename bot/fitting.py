"""``sayso eval fit`` and ``sayso eval calibrate``: the numbers behind choosing and refusing, made anew."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bot.session import Session

if TYPE_CHECKING:
    from retrieval.evaluation.fitting import Confidence, Observed, Quality


def fit(
    session: Session,
    datasets: Annotated[list[Path], typer.Argument(metavar="DATASET...", help="Folders in BEIR form, or question files.")],
    out: Annotated[Path, typer.Option("--out", "-o", metavar="FILE", help="The weights, changed in place.")],
) -> None:
    """Fit the weights of sentences and of the confidence on several datasets together."""
    import retrieval
    from retrieval.evaluation import fitting
    from retrieval.evaluation.datasets import load

    with session.listening() as listener:
        observed = [fitting.observe(load(path), session.settings(), retrieval.open, listener) for path in datasets]
    weights = fitting.sentence_weights(observed)
    for number, data in enumerate(observed):
        rest = observed[:number] + observed[number + 1 :] or observed
        unseen = fitting.sentence_accuracy(data, fitting.sentence_weights(rest))
        session.out.say(
            f"{data.name}: the best sentence is right for {fitting.sentence_accuracy(data, weights):.3f} of the answerable"
            f" questions, {unseen:.3f} if fitted on the other datasets; {_told(fitting.quality(data, fitting.confidence(rest)))}"
        )
    _write(out, session, weights, fitting.confidence(observed))


def calibrate(
    session: Session,
    dataset: Annotated[Path, typer.Argument(metavar="DATASET", help="Your own questions, with their answers.")],
    corpus: Annotated[list[Path] | None, typer.Option("--corpus", metavar="PATH", help="The articles, if not beside.")] = None,
) -> None:
    """Refit the confidence on your own questions, and keep it in the data folder if it got better."""
    import retrieval
    from retrieval.evaluation import fitting
    from retrieval.evaluation.datasets import load

    with session.listening() as listener:
        data = fitting.observe(load(dataset, corpus or ()), session.settings(), retrieval.open, listener)
    before, after = fitting.quality(data, _present(session, data)), fitting.cross_validated(data)
    session.out.say(f"before: {_told(before)}")
    session.out.say(f"after (cross-validated): {_told(after)}")
    if after.brier >= before.brier:
        session.out.say("The present confidence is the better one; nothing was changed.")
        return
    target = session.settings().data_dir / "weights.json"
    _write(target, session, None, fitting.confidence([data]))
    session.out.say(f"The new confidence is in {target}; delete the file to go back.")


def _present(session: Session, data: Observed) -> Confidence:
    """The confidence in use, in the order of the dataset's evidence."""
    from retrieval.evaluation.fitting import Confidence
    from retrieval.weights import weights_in_use

    used = weights_in_use(session.settings().data_dir, reader="margin" in data.features)
    return Confidence(used.intercept, {name: used.confidence.get(name, 0.0) for name in data.evidence})


def _write(target: Path, session: Session, sentence: dict[str, float] | None, confidence: Confidence) -> None:
    """Puts the fit under the present way of reading and leaves the rest of the file as it is."""
    import retrieval.weights as weights

    reader = "margin" in confidence.weights
    known: dict[str, Any] = json.loads((target if target.exists() else weights.FITTED).read_text(encoding="utf-8"))
    section = known.setdefault(weights.section(reader), {})
    if sentence is not None:
        section["sentence"] = sentence
    section["confidence"] = {"intercept": confidence.intercept, "weights": dict(confidence.weights)}
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(json.dumps(known, indent=1) + "\n", encoding="utf-8")
    session.say(f"The weights are in {target}")


def _told(quality: Quality) -> str:
    return (
        f"confidence AUROC {quality.auroc:.3f}, calibration error {quality.calibration_error:.3f},"
        f" Brier score {quality.brier:.3f}"
    )


COMMANDS: Sequence[Any] = (fit, calibrate)
