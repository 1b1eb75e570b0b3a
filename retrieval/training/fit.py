"""The training run: bf16 with fp32 masters, a schedule by examples or by the clock, checkpoints that go on exactly."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import torch

from retrieval.export import package_folder
from retrieval.reader import Framer, load_tokenizer
from retrieval.training.batches import Batch, batches
from retrieval.training.examples import Example
from retrieval.training.model import SpanModel, span_loss

Log = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Recipe:
    """The run's settings."""

    seed: int = 7
    epochs: float = 1.0
    minutes: float = float("inf")  # the learning rate falls to 0 by then, if the examples have not run out before
    rate: float = 1.5e-4
    head_rate: float = 5e-4
    warmup: int = 3_000  # examples
    clip: float = 1.0
    tokens: int = 5_600  # a batch, padding included
    save_every: int = 200  # steps between checkpoints
    log_every: int = 50  # steps between lines of the log
    threads: int = 2
    start: Path | None = None  # weights of an earlier run to go on from, with a new schedule; none: the encoder's


def fit(examples: Sequence[Example], folder: Path, recipe: Recipe, log: Log) -> Path:
    """The file of the trained weights, in ``folder``; a run that was cut short goes on from its last checkpoint."""
    weights, checkpoint = folder / "reader.pt", folder / "checkpoint.pt"
    if weights.exists():
        log(f"{weights} is there already")
        return weights
    torch.manual_seed(recipe.seed)
    torch.set_num_threads(recipe.threads)
    run = _Run(recipe, round(recipe.epochs * len(examples)))
    if checkpoint.exists():
        run.restore(torch.load(checkpoint, weights_only=True))
        log(f"going on from step {run.step}")
    elif recipe.start is not None:
        run.begin_with(torch.load(recipe.start, weights_only=True))
        log(f"beginning with {recipe.start}")
    for batch in _endless(examples, recipe.seed, recipe.tokens, run):
        loss = run.learn(batch)
        if run.step % recipe.log_every == 0:
            log(f"step {run.step} seen {run.seen} done {run.done:.3f} loss {loss:.4f} seconds {run.seconds:.0f}")
        if run.step % recipe.save_every == 0:
            _save(run.state(), checkpoint)
        if run.done >= 1:
            break
    log(f"finished: {run.step} steps, {run.seen} examples, {run.seconds:.0f} s, {'bf16' if run.bf16 else 'fp32'}")
    _save(run.model_state(), weights)
    return weights


def averaged(first: Path, second: Path, share: float, target: Path) -> Path:
    """The file ``target``: the mean of two runs' weights, ``share`` of it the second's.

    Runs that lie on one path keep what each has learned (Wortsman et al. 2022, "Model soups", arXiv:2203.05482).
    """
    one, other = (torch.load(file, weights_only=True) for file in (first, second))
    _save({name: (1 - share) * weight + share * other[name] for name, weight in one.items()}, target)
    return target


def _endless(examples: Sequence[Example], seed: int, tokens: int, run: _Run) -> Iterator[Batch]:
    """Epoch after epoch, from where the run stands."""
    framer = Framer(load_tokenizer(package_folder()))
    while True:
        epoch = run.epoch
        yield from islice(batches(examples, framer, tokens, seed + epoch), run.in_epoch, None)
        run.epoch, run.in_epoch = epoch + 1, 0


class _Run:
    """Model, fp32 masters of its trained weights, optimiser, and how far the run is."""

    def __init__(self, recipe: Recipe, total: int) -> None:
        self._recipe, self._total = recipe, total
        self.bf16 = _has_bf16()
        self._model = SpanModel()
        self._model.bert.to(torch.bfloat16 if self.bf16 else torch.float32)
        self._trained = [p for p in self._model.parameters() if p.requires_grad]
        self._masters = [p.detach().float().clone() for p in self._trained]
        head = len(list(self._model.head.parameters()))
        groups = [
            {"params": self._masters[:-head], "peak": recipe.rate},
            {"params": self._masters[-head:], "peak": recipe.head_rate},
        ]
        self._optimiser = torch.optim.AdamW(groups, lr=recipe.rate, betas=(0.9, 0.98), eps=1e-6, weight_decay=0.01)
        self.step = self.seen = self.epoch = self.in_epoch = 0
        self.seconds = 0.0

    @property
    def done(self) -> float:
        """Share of the run that is over, by examples or by the clock, whichever is further."""
        return max(self.seen / self._total, self.seconds / (60 * self._recipe.minutes))

    def learn(self, batch: Batch) -> float:
        """One step; the loss before it."""
        begun = time.monotonic()
        ids, types, mask, starts, ends = map(torch.from_numpy, batch)
        loss = span_loss(self._model(self._model.embed(ids), types, mask), mask, starts, ends)
        loss.backward()
        for master, weight in zip(self._masters, self._trained, strict=True):
            master.grad, weight.grad = weight.grad.float(), None
        torch.nn.utils.clip_grad_norm_(self._masters, self._recipe.clip)
        for group in self._optimiser.param_groups:
            group["lr"] = group["peak"] * min((self.seen + 1) / self._recipe.warmup, 1.0) * max(0.0, 1 - self.done)
        self._optimiser.step()
        self._show_masters()
        self.step, self.seen, self.in_epoch = self.step + 1, self.seen + len(batch.ids), self.in_epoch + 1
        self.seconds += time.monotonic() - begun
        return float(loss.detach())

    def _show_masters(self) -> None:
        with torch.no_grad():
            for master, weight in zip(self._masters, self._trained, strict=True):
                weight.copy_(master)

    def state(self) -> dict[str, Any]:
        """All that :meth:`restore` needs."""
        position = {name: getattr(self, name) for name in ("step", "seen", "epoch", "in_epoch", "seconds")}
        return {"masters": self._masters, "optimiser": self._optimiser.state_dict(), "position": position}

    def restore(self, state: dict[str, Any]) -> None:
        """Goes on where :meth:`state` was taken."""
        for master, saved in zip(self._masters, state["masters"], strict=True):
            master.copy_(saved)
        self._optimiser.load_state_dict(state["optimiser"])
        for name, value in state["position"].items():
            setattr(self, name, value)
        self._show_masters()

    def begin_with(self, weights: dict[str, Any]) -> None:
        """Takes the weights that :meth:`model_state` gave, as a second cycle of the learning rate (Loshchilov and
        Hutter 2017, "SGDR", arXiv:1608.03983)."""
        for name, master in zip(self._names(), self._masters, strict=True):
            master.copy_(weights[name])
        self._show_masters()

    def model_state(self) -> dict[str, Any]:
        """The trained weights by name, fp32."""
        return dict(zip(self._names(), self._masters, strict=True))

    def _names(self) -> list[str]:
        return [name for name, p in self._model.named_parameters() if p.requires_grad]


def _has_bf16() -> bool:
    """Whether this processor multiplies bf16; elsewhere it would be emulated, and slow."""
    cpuinfo = Path("/proc/cpuinfo")
    return cpuinfo.exists() and "avx512_bf16" in cpuinfo.read_text()


def _save(state: dict[str, Any], path: Path) -> None:
    unfinished = path.with_suffix(".unfinished")
    torch.save(state, unfinished)
    os.replace(unfinished, path)
