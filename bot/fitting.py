"""``sayso eval fit`` and ``sayso eval calibrate``: the numbers behind choosing and refusing, made anew."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.questions import tell_mistakes
from bot.session import Session
from bot.umask import as_the_user

if TYPE_CHECKING:
    from retrieval.evaluation.fitting import Quality


def fit(
    session: Session,
    datasets: Annotated[list[Path], typer.Argument(metavar="DATASET...", help="BEIR folders or question files.")],
    out: Annotated[Path, typer.Option("--out", "-o", metavar="FILE", help="The weights, changed in place.")],
) -> None:
    """Fit the weights of sentences and of the confidence on several datasets together."""
    import retrieval
    from retrieval.errors import InputError
    from retrieval.evaluation import calibration, fitting, outputs
    from retrieval.evaluation.datasets import load

    with as_the_user():
        outputs.try_file(out)  # before the questions are asked, which takes longer
    fitting.known_weights(out)
    loaded = [load(path) for path in datasets]
    if len({dataset.digest for dataset in loaded}) < len(loaded):
        raise InputError("two of the datasets are one and the same", "name each once")
    for dataset in loaded:
        tell_mistakes(session, dataset, session.settings())
    with session.listening() as listener:
        observed = [fitting.observe(dataset, session.settings(), retrieval.open, listener) for dataset in loaded]
    calibration.check_enough(observed)
    weights = fitting.sentence_weights(observed)
    for number, data in enumerate(observed):
        seen = fitting.sentence_accuracy(data, weights)
        rest = observed[:number] + observed[number + 1 :]
        if not rest:
            session.out.say(f"{data.name}: best sentence right {seen:.3f}; a second dataset would show it unseen")
            break
        unseen = fitting.sentence_accuracy(data, fitting.sentence_weights(rest))
        told = _told(fitting.quality(data, fitting.confidence(rest)))
        session.out.say(f"{data.name}: best sentence right {seen:.3f}, fitted without it {unseen:.3f}; {told}")
    with as_the_user():
        fitting.write(out, fitting.confidence(observed), weights)
    session.say(f"The weights are in {out}")


def calibrate(
    session: Session,
    dataset: Annotated[Path, typer.Argument(metavar="DATASET", help="Your own questions, with their answers.")],
    corpus: Annotated[list[Path] | None, typer.Option("--corpus", metavar="PATH", help="The articles.")] = None,
) -> None:
    """Refit the confidence on your own questions, and keep it in the data folder if it got better beyond chance."""
    import retrieval
    from retrieval.evaluation import calibration, fitting
    from retrieval.evaluation.datasets import load

    loaded = load(dataset, corpus or ())
    tell_mistakes(session, loaded, session.settings())
    with session.listening() as listener:
        data = fitting.observe(loaded, session.settings(), retrieval.open, listener)
    data_dir = session.settings().data_dir
    found = calibration.calibrate(data, fitting.in_use(data_dir, data))
    gain = found.gain
    session.out.say(f"before: {_told(found.before)}")
    session.out.say(f"after (cross-validated): {_told(found.after)}")
    session.out.say(f"gain in the Brier score: {gain.value:+.3f} ({gain.low:+.3f} to {gain.high:+.3f})")
    if not found.better:
        session.out.say("That may be chance: the present confidence stays.")
        return
    fitting.write(fitting.calibrated(data_dir), found.fitted)
    session.out.say(f"The new confidence is in {fitting.calibrated(data_dir)}; delete the file to go back.")
    session.out.say("Measures on these same questions flatter it from now on.")


def _told(quality: Quality) -> str:
    return (
        f"confidence AUROC {quality.auroc:.3f}, calibration error {quality.calibration_error:.3f},"
        f" Brier score {quality.brier:.3f}"
    )
