"""``sayso eval``: run, compare, gate, sweep, report, worksheet and benchmark, over ``retrieval.evaluation``.

Exit codes: 0 done, 1 the gate found a loss or the benchmark missed its aim, 2 error.
"""

from __future__ import annotations

import sys
from contextlib import nullcontext
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.feedback import import_feedback
from bot.fitting import calibrate, fit
from bot.lines import counted
from bot.questions import make_questions, tell_mistakes
from bot.session import Session, command
from bot.umask import as_the_user

if TYPE_CHECKING:
    from collections.abc import Sequence

    from retrieval.evaluation.datasets import Dataset
    from retrieval.evaluation.runs import Options, Run

app = typer.Typer(
    name="eval",
    help="Measure how good the answers are.",
    add_completion=False,
    rich_markup_mode=None,
    no_args_is_help=True,
)

LOST = 1

DatasetArgument = Annotated[
    Path | None,
    typer.Argument(
        metavar="[DATASET]", help="A folder in BEIR form or a questions.jsonl; none: Sayso's own questions."
    ),
]
CorpusOption = Annotated[
    list[Path] | None, typer.Option("--corpus", metavar="PATH", help="The articles, if not those beside the questions.")
]
SetOption = Annotated[
    list[str] | None, typer.Option("--set", metavar="KEY=VALUE", help="A setting to change, such as search.hits=30.")
]
LimitOption = Annotated[
    int, typer.Option("--limit", min=0, metavar="N", help="Ask only N questions, spread over the dataset.")
]
LongestOption = Annotated[
    int, typer.Option("--longest-quote", min=0, metavar="N", help="A quote of more characters does not count; 0: any.")
]


@command(app)
def run(
    session: Session,
    dataset: DatasetArgument = None,
    corpus: CorpusOption = None,
    changes: SetOption = None,
    limit: LimitOption = 0,
    longest_quote: LongestOption = 400,
    out: Annotated[Path | None, typer.Option("--out", metavar="DIR", help="Where the run is kept.")] = None,
) -> None:
    """Ask every question of a dataset, print the measures and keep the run.

    A line of questions.jsonl has "question" and, as far as known, "answers" (words of the articles), "articles" (ids or
    names of files), "history" (the questions before it), "id" and "kind". Two kinds have measures of their own:
    "follow-up", which a question with a history is unless it says otherwise, and "unanswerable", which the articles do
    not answer (as does "answerable": false). Any other kind is a bar in the report.
    """
    from retrieval.evaluation import outputs, runs
    from retrieval.evaluation.tables import measures_table

    if out:
        with as_the_user():
            outputs.try_folder(out)
    options = runs.Options(longest_quote=longest_quote, limit=limit)
    made = _run(session, _load(session, dataset, corpus), changes, options)
    name = f"{made.about.dataset}-{datetime.now():%Y%m%d-%H%M%S}"
    folder = out or session.settings().data_dir / "evaluation" / "runs" / name
    with as_the_user() if out else nullcontext():
        runs.save(made, folder)
    session.show(measures_table(runs.summary(made.outcomes)).lines())
    if made.about.without_gold:
        have = counted(made.about.without_gold, "question") + (" has" if made.about.without_gold == 1 else " have")
        session.say(f"{have} no gold answer in the articles' words; no quote is judged.")
    session.say(f"The run is in {folder}")


@command(app)
def measures(session: Session) -> None:
    """What each measure means."""
    from retrieval.evaluation.measures import MEASURES

    for measure in MEASURES:
        session.out.say(f"{measure.name:<20}{measure.meaning}")


@command(app)
def compare(
    session: Session,
    first: Annotated[Path, typer.Argument(metavar="A", help="The folder that `eval run` kept a run in.")],
    second: Annotated[Path, typer.Argument(metavar="B", help="The folder of another run of the same questions.")],
    shown: Annotated[int, typer.Option("--changes", min=0, metavar="N", help="Questions listed at most.")] = 40,
) -> None:
    """What changed from run A to run B, whether it can be chance, and in which questions."""
    from retrieval.evaluation import compare as comparison
    from retrieval.evaluation.runs import read
    from retrieval.evaluation.tables import change_lines, comparison_table

    one, two = read(first), read(second)
    session.show(comparison_table(comparison.compare(one, two)).lines())
    for line in change_lines(comparison.changes(one, two), shown):
        session.out.say(line)


@command(app)
def gate(
    session: Session,
    baseline: Annotated[Path, typer.Argument(metavar="BASELINE", help="A file that `--update` wrote.")],
    dataset: DatasetArgument = None,
    corpus: CorpusOption = None,
    changes: SetOption = None,
    update: Annotated[bool, typer.Option("--update", help="Run, and make the result the baseline.")] = False,
) -> None:
    """End with 1 if a measure is significantly worse than the committed baseline."""
    from retrieval.evaluation import gate as gates
    from retrieval.evaluation import outputs
    from retrieval.evaluation.runs import DEFAULT
    from retrieval.evaluation.tables import comparison_table

    if update:
        with as_the_user():
            outputs.try_file(baseline)
        made = gates.baseline(_run(session, _load(session, dataset, corpus), changes, DEFAULT))
        with as_the_user():
            gates.write(made, baseline)
        session.say(f"The baseline is in {baseline}")
        return
    held = gates.read(baseline)  # before the run, which takes longer
    rows = gates.gate(held, _run(session, _load(session, dataset, corpus), changes, DEFAULT))
    session.show(comparison_table(rows).lines())
    if lost := gates.losses(rows):
        session.out.say(f"Lost: {', '.join(row.measure.name for row in lost)}")
        raise typer.Exit(LOST)
    session.out.say("Nothing was lost.")


@command(app)
def sweep(
    session: Session,
    grid: Annotated[Path, typer.Argument(metavar="GRID.toml", help='[grid] with lists: "search.hits" = [10, 20].')],
    dataset: DatasetArgument = None,
    corpus: CorpusOption = None,
    limit: LimitOption = 0,
    longest_quote: LongestOption = 400,
) -> None:
    """Try many settings and show which are significantly better than the present ones."""
    import retrieval
    from retrieval.evaluation import sweep as sweeps
    from retrieval.evaluation.runs import Options, summary
    from retrieval.evaluation.tables import sweep_table

    points = sweeps.read_grid(grid)
    options = Options(longest_quote=longest_quote, limit=limit)
    asked, settings = _load(session, dataset, corpus), session.settings()
    with session.listening() as listener:
        base, trials = sweeps.sweep(asked, settings, retrieval.open, points, options=options, progress=listener)
    tell_mistakes(session, asked, settings)  # only now, for a mistake in the grid is to show before anything is indexed
    session.show(sweep_table(summary(base.outcomes), trials, points.measures).lines())
    session.out.say("+ better, - worse than the default at 5 %, adjusted for the number of settings tried")


@command(app)
def report(
    session: Session,
    folders: Annotated[list[Path], typer.Argument(metavar="RUN...", help="Folders of runs and of measured speeds.")],
    out: Annotated[Path, typer.Option("--out", "-o", metavar="FILE", help="The page.")] = Path("report.html"),
) -> None:
    """Write one self-contained HTML page about the runs."""
    from retrieval.evaluation import growth, outputs, runs
    from retrieval.evaluation.report import render

    timed = [folder for folder in folders if (folder / growth.FILE).exists()]
    page = render([runs.read(f) for f in folders if f not in timed], [growth.read(folder) for folder in timed])
    with as_the_user():
        outputs.write({out: page})
    session.say(f"The report is in {out}")


@command(app)
def speed(
    session: Session,
    passages: Annotated[
        int, typer.Option("--passages", min=10, metavar="N", help="How many synthetic passages are searched.")
    ] = 10_000,
    sizes: Annotated[
        str | None,
        typer.Option("--sizes", metavar="N,N,…", help="Measure growth instead, at these numbers of passages."),
    ] = None,
    encode_up_to: Annotated[
        int,
        typer.Option("--encode-up-to", min=0, metavar="N", help="Larger --sizes get stand-in vectors, made at once."),
    ] = 1_000,
    out: Annotated[
        Path, typer.Option("--out", "-o", metavar="DIR", help="Where --sizes puts its figures for `eval report`.")
    ] = Path("speed"),
) -> None:
    """Time Sayso beside a script that does the naive thing; ends with 1 where an aim is missed."""
    import retrieval
    from retrieval.evaluation import growth, outputs
    from retrieval.evaluation import speed as benchmark
    from retrieval.evaluation.tables import growth_table, speed_table

    if sizes is not None:
        with as_the_user():
            outputs.try_folder(out)
    with session.listening() as listener:
        if sizes is None:
            measured = benchmark.speed(session.settings(), retrieval.open, _sayso(), passages, listener)
        else:
            found = growth.growth(session.settings(), _sayso(), _numbers(sizes), encode_up_to, listener)
            measured = growth.aims(found)
    if sizes is not None:
        with as_the_user():
            growth.write(found, out)
        session.show(growth_table(found).lines())
        if any(size.filled for size in found.sizes):
            session.out.say("* filled with projections of words for vectors: indexing is without the encoder there")
        session.out.say("")
        session.say(f"The figures are in {out}; `sayso eval report {out}` draws them")
    session.show(speed_table(measured).lines())
    raise typer.Exit(0 if all(line.reached for line in measured) else LOST)


def _numbers(sizes: str) -> list[int]:
    """Numbers of passages, ascending."""
    from retrieval.errors import InputError

    numbers = [part.strip().replace("_", "") for part in sizes.split(",")]
    if not all(number.isdecimal() and int(number) >= 10 for number in numbers):
        raise InputError(f"--sizes {sizes!r} is not a list of numbers from 10 on", "write it as 1000,10000,100000")
    return sorted({int(number) for number in numbers})


def _load(session: Session, dataset: Path | None, corpus: Sequence[Path] | None) -> Dataset:
    """The dataset; which articles go with it is said, for nobody may have named them."""
    from retrieval.evaluation.datasets import load
    from retrieval.settings import default_corpus

    path = dataset or default_corpus()
    loaded = load(path, corpus or ())
    if loaded.corpus:
        places = ", ".join(map(str, corpus or [path if path.is_dir() else path.parent]))
        files = f"{len(loaded.corpus):,} files in {places}" if len(loaded.corpus) > 1 else str(loaded.corpus[0])
        session.say(f"Articles: {files}" + ("" if corpus else ", beside the questions; --corpus names others"))
    return loaded


def _run(session: Session, dataset: Dataset, changes: Sequence[str] | None, options: Options) -> Run:
    import retrieval
    from retrieval.evaluation import runs
    from retrieval.evaluation.variants import label, parse, varied

    wanted = parse(changes or ())
    settings = varied(session.settings(), wanted)
    tell_mistakes(session, runs.limited(dataset, options.limit), settings)
    with session.listening() as listener:
        return runs.run(dataset, settings, retrieval.open, label=label(wanted), options=options, progress=listener)


def _sayso() -> list[str]:
    """What starts Sayso in this environment."""
    script = Path(sys.executable).with_name("sayso")
    return [str(script)] if script.exists() else [sys.executable, "-m", "bot"]


command(app, "make-questions")(make_questions)
command(app)(fit)
command(app)(calibrate)
command(app, "import-feedback")(import_feedback)
