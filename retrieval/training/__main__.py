"""``python -m retrieval.training DATA WORK [MODELS]``: from folders of questions to the file that ships.

Each stage leaves its file in WORK and is skipped where that is there: examples.jsonl, reader.pt (by way of
checkpoint.pt), fp32.onnx and int8.onnx, figures.json. Set ``OMP_WAIT_POLICY=PASSIVE`` beside other work.
"""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(add_completion=False)


@app.command()
def main(
    data: Annotated[Path, typer.Argument(help="folder with tydiqa_en/train.jsonl and the others")],
    work: Annotated[Path, typer.Argument(help="folder for examples, checkpoints, graphs and the log")],
    models: Annotated[Path | None, typer.Option(help="where the shipped files go; none: nowhere")] = None,
    epochs: Annotated[float, typer.Option(help="times that each example is seen")] = 1.0,
    minutes: Annotated[float, typer.Option(help="the training ends by then, its schedule shortened")] = float("inf"),
    seed: Annotated[int, typer.Option(help="of data, order and head")] = 7,
    rate: Annotated[float, typer.Option(help="highest learning rate")] = 1.5e-4,
    start: Annotated[Path | None, typer.Option(help="reader.pt of an earlier run to go on from")] = None,
    share: Annotated[float, typer.Option(help="of this run's weights in what ships, the rest being --start's")] = 1.0,
    threads: Annotated[int, typer.Option(help="of torch and onnxruntime")] = 2,
    most: Annotated[int | None, typer.Option(help="questions of each folder, for a trial")] = None,
    evidence: Annotated[Path | None, typer.Option(help="folder of nq_qed, for its figures")] = None,
) -> None:
    """Trains the reader, measures it, and puts it where it ships from."""
    from retrieval.training.examples import load
    from retrieval.training.figures import measure
    from retrieval.training.fit import Recipe, averaged, fit
    from retrieval.training.graph import export, ship
    from retrieval.training.mixture import prepare

    work.mkdir(parents=True, exist_ok=True)
    log = _Log(work / "train.log")
    mixture = work / "examples.jsonl"
    if not mixture.exists():
        for name, count in sorted(prepare(data, mixture, seed, most).items()):
            log(f"{name} {count}")
    recipe = Recipe(seed=seed, epochs=epochs, minutes=minutes, rate=rate, threads=threads, start=start)
    log(str(recipe))
    weights = fit(list(load(mixture)), work, recipe, log)
    if start is not None and share < 1:
        weights = averaged(start, weights, share, work / "averaged.pt")
        log(f"averaged: {share} of this run, {1 - share:.2g} of {start}")
    graphs = export(weights, work)
    figures = {name: measure(graph, data, evidence, seed, threads) for name, graph in graphs.items()}
    (work / "figures.json").write_text(json.dumps(figures, indent=1) + "\n")
    log(json.dumps(figures))
    if models is not None:
        log(f"sha256 {ship(graphs['int8'], models)}")


class _Log:
    """Lines with the time, to a file and the screen."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __call__(self, line: str) -> None:
        stamped = f"{time.strftime('%H:%M:%S')} {line}"
        typer.echo(stamped)
        with self._path.open("a", encoding="utf-8") as file:
            file.write(stamped + "\n")


if __name__ == "__main__":
    app()
