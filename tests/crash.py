"""Stops Sayso at random moments and looks at what is left: ``python -m tests.crash --times 200``.

A process that indexes, updates, removes, repairs or builds anew is killed, interrupted, or refused more room on the
disk. Then the doctor must be content or name a command, every article must be there once and whole, a question must be
answered in the article's own words, and the same command must end with the index that is built in one go.
"""

from __future__ import annotations

import argparse
import os
import pickle
import random
import resource
import shutil
import signal
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import chromadb  # noqa: F401  # once for all the processes that are forked here, none of which has opened it

import retrieval.doctor.folder
import retrieval.indexer
from retrieval.corpus import Corpus
from retrieval.doctor import Status
from retrieval.doctor.folder import folder_checks
from retrieval.encoder import BUILT_IN
from retrieval.errors import SaysoError
from retrieval.settings import Passages, Settings, Store
from retrieval.store.probe import _compare
from tests.engine import contents, engine, lighthouse, shown, verified, write

#: Every write is a step of its own, so that there are many to be stopped at.
retrieval.indexer._GROUP, retrieval.indexer._TOLD_AT_ONCE = 1, 3

BY_CHROMA = Store(exact_below=0)
PASSAGES = Passages(tokens=40)
STOPS = ("killed", "interrupted", "full")
KILLED, FAILED, REFUSED, INTERRUPTED = -signal.SIGKILL, 1, 3, 4
SHORT, LONG = 10, 520  # paragraphs of the long article; the second makes Chroma write its graph


@dataclass(frozen=True)
class Act:
    """A command: what is indexed before it, what the articles are by then, and what it does."""

    name: str
    before: dict[str, str]
    after: dict[str, str]
    run: Callable[[Corpus, Path], object]
    model: str = BUILT_IN


def acts(paragraphs: int) -> list[Act]:
    """The five commands, over a few short articles and a long one."""
    many = {f"n{number}": lighthouse(number) for number in range(6)}
    many["long"] = "\n\n".join(lighthouse(number) for number in range(1_000, 1_000 + paragraphs))
    changed = {**many, "n0": lighthouse(100), "n1": lighthouse(101), "x1": lighthouse(201)}
    del changed["n4"]
    fewer = {name: text for name, text in many.items() if name not in {"n2", "n3"}}
    index = lambda corpus, folder: corpus.index([folder])  # noqa: E731
    return [
        Act("index", {}, many, index),
        Act("update", many, changed, index),
        Act("remove", many, fewer, remove),
        Act("repair", many, many, lambda corpus, _: corpus.repair()),
        Act("build anew", many, changed, index, "another"),
    ]


def remove(corpus: Corpus, _: Path) -> None:
    """Takes two articles out, where they are still there."""
    there = {reference.article_id for reference in corpus.articles()}
    corpus.remove(sorted(there & {"n2.txt", "n3.txt"}))


def opened(data: Path, act: Act) -> Corpus:
    """The corpus as the command opens it."""
    return engine(data, model=act.model, passages=PASSAGES, store=BY_CHROMA)


class Bench:
    """Prepared folders and the time that each command takes, so that trials are short."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.prepared: dict[tuple[str, int], tuple[Path, Any, float]] = {}

    def prepare(self, act: Act, paragraphs: int) -> tuple[Path, Any, float]:
        """A data folder before the command, what is expected after it, and its duration in seconds."""
        key = act.name, paragraphs
        if key not in self.prepared:
            home, articles = self.folder / f"{act.name}-{paragraphs}", self.folder / "articles"
            data = home / "data"
            if act.before:
                in_child(lambda: close(index(engine(data, passages=PASSAGES, store=BY_CHROMA), articles, act.before)))
            expected = in_child(lambda: built(home / "expected", articles, act))
            began = time.monotonic()
            shutil.copytree(data, home / "timed") if data.exists() else None
            in_child(lambda: close(run(home / "timed", articles, act)))
            self.prepared[key] = data, expected, time.monotonic() - began
        return self.prepared[key]


def index(corpus: Corpus, articles: Path, texts: dict[str, str]) -> Corpus:
    """The corpus, once it holds the texts and nothing else."""
    corpus.index([written(articles, texts)])
    return corpus


def built(data: Path, articles: Path, act: Act) -> Any:
    """What an index holds and answers that was built in one go."""
    corpus = index(opened(data, act), articles, act.after)
    return close(corpus, held(corpus))


def run(data: Path, articles: Path, act: Act) -> Corpus:
    """The corpus after the command."""
    corpus = opened(data, act)
    act.run(corpus, written(articles, act.after))
    return corpus


def written(articles: Path, texts: dict[str, str]) -> Path:
    """The folder, with these articles and no others."""
    shutil.rmtree(articles, ignore_errors=True)
    return write(articles, **texts)


def held(corpus: Corpus) -> tuple[dict[str, Any], list[list[str]]]:
    """All that it holds, and what it answers."""
    return contents(corpus), answers(corpus)


def answers(corpus: Corpus) -> list[list[str]]:
    """Quotes, each of which stands in its article."""
    replies = [corpus.ask(f"Who lives in the lighthouse of Cape N{number}?") for number in (0, 1, 2, 5, 100, 1003)]
    assert all(verified(corpus, reply) for reply in replies)
    return [shown(reply) for reply in replies]


def close(corpus: Corpus, result: Any = None) -> Any:
    """The result, with the corpus closed."""
    corpus.close()
    return result


def in_child(act: Callable[[], Any]) -> Any:
    """What ``act`` returns in a process of its own; Chroma is opened in no other."""
    readable, writable = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(readable)
        try:
            answer: tuple[str, Any] = ("done", act())
        except BaseException:
            answer = ("failed", traceback.format_exc())
        with os.fdopen(writable, "wb") as to:
            pickle.dump(answer, to)
        os._exit(0)
    os.close(writable)
    with os.fdopen(readable, "rb") as reads:
        written = reads.read()
    _, status = os.waitpid(pid, 0)
    if not written:
        raise AssertionError(f"the process ended with {os.waitstatus_to_exitcode(status)}")
    kind, result = pickle.loads(written)
    assert kind == "done", result
    return result


def stopped(data: Path, articles: Path, act: Act, stop: str, rng: random.Random, duration: float) -> int:
    """How the command's process ended."""
    ready, go = os.pipe()
    pid = os.fork()
    if pid == 0:
        os._exit(attempt(data, articles, act, rng.lognormvariate(11, 1.5) if stop == "full" else 0, go))
    os.close(go)
    os.read(ready, 1)
    os.close(ready)
    if stop != "full":
        time.sleep(rng.uniform(0, 1.05 * duration))
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL if stop == "killed" else signal.SIGINT)
    _, status = os.waitpid(pid, 0)
    return os.waitstatus_to_exitcode(status)


def attempt(data: Path, articles: Path, act: Act, room: float, go: int) -> int:
    """Runs the command in this process, which may write no file of more than ``room`` bytes; its exit code."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        folder = written(articles, act.after)
        corpus = opened(data, act)
        if room:
            resource.setrlimit(resource.RLIMIT_FSIZE, (int(room), int(room)))
        os.write(go, b".")
        act.run(corpus, folder)
        corpus.close()
    except KeyboardInterrupt:
        return INTERRUPTED
    except SaysoError:
        return REFUSED
    except BaseException:
        traceback.print_exc()
        return FAILED
    return 0


def troubles(data: Path) -> dict[str, str]:
    """What the doctor says is to be done. This process may be lost to Chroma, so it needs no other for that."""
    retrieval.doctor.folder.compared = _compare
    checks = folder_checks(Settings(data_dir=data, passages=PASSAGES), data)
    return {c.name: f"{c.found} → {c.remedy}" for c in checks if c.status is not Status.OK and c.name != "settings"}


def left(data: Path, act: Act) -> dict[str, str]:
    """What the doctor says of what the stopped command left, once its articles have proved whole."""
    data.mkdir(mode=0o700, exist_ok=True)
    found = troubles(data)
    assert all("`sayso index`" in said or "`sayso repair`" in said for said in found.values()), found
    with engine(data, passages=PASSAGES, store=BY_CHROMA) as corpus:
        if corpus.is_empty():
            assert not act.before, "all is lost"
            return found
        texts = {reference.article_id: corpus.article(reference.article_id).text for reference in corpus.articles()}
        allowed = {name: {side[name] for side in (act.before, act.after) if name in side}
                   for name in act.before | act.after}  # fmt: skip
        for name in act.before.keys() & act.after.keys():
            assert f"{name}.txt" in texts, f"{name} is lost"
        for article_id, text in texts.items():
            assert text in allowed[article_id.removesuffix(".txt")], f"{article_id} is not whole"
        if corpus._shelf.current().indexer.has_same_settings():
            answers(corpus)
    return found


def trial(bench: Bench, act: Act, paragraphs: int, stop: str, seed: int) -> tuple[int, dict[str, str]]:
    """Stops the command once; how its process ended, and what the doctor said then.

    :raises AssertionError: something was lost or doubled, or the command did not end well in a second try.
    """
    rng = random.Random(seed)
    prepared, expected, duration = bench.prepare(act, paragraphs)
    with tempfile.TemporaryDirectory(dir=bench.folder) as scratch:
        data, articles = Path(scratch) / "data", bench.folder / "articles"
        if prepared.exists():
            shutil.copytree(prepared, data)
        code = stopped(data, articles, act, stop, rng, duration)
        assert code in {0, KILLED, REFUSED, INTERRUPTED}, f"the process ended with {code}"
        said = in_child(lambda: left(data, act))
        again = in_child(lambda: (corpus := run(data, articles, act)) and close(corpus, held(corpus)))
        for part, wanted in expected[0].items():
            assert again[0][part] == wanted, f"{part} differ from those of an index built in one go"
        assert again[1] == expected[1], "answers differ from those of an index built in one go"
        still = in_child(partial(troubles, data))
        assert not still, f"the doctor is not content: {still}"
    return code, said


def main(times: int, seed: int, verbose: bool = False) -> int:
    """Runs the trials and prints what came of them; returns how many failed."""
    outcomes: Counter[str] = Counter()
    failures = 0
    with tempfile.TemporaryDirectory(prefix="sayso-crash-") as folder:
        bench = Bench(Path(folder))
        for number in range(seed, seed + times):
            rng = random.Random(number)
            paragraphs = LONG if number % 10 == 9 else SHORT
            act, stop = rng.choice(acts(paragraphs)), rng.choice(STOPS)
            try:
                code, said = trial(bench, act, paragraphs, stop, number)
            except AssertionError as error:
                failures += 1
                print(f"{number}: {act.name}, {stop}, {paragraphs} paragraphs: {error}", flush=True)
                continue
            outcomes[f"{act.name}, {'ended before' if code == 0 else stop}"] += 1
            if verbose:
                print(f"{number}: {act.name}, {stop}, {code}: {said}", flush=True)
            outcomes[f"the doctor then: {', '.join(sorted(said)) or 'content'}"] += 1
    for what, count in sorted(outcomes.items()):
        print(f"{count:5}  {what}")
    print(f"{times} trials, {failures} failures")
    return failures


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--times", type=int, default=200)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--verbose", action="store_true")
    given = parser.parse_args()
    sys.exit(1 if main(given.times, given.seed, given.verbose) else 0)
