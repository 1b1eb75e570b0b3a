"""How the Telegram front end holds up: ``python -m tests.telegram_load`` prints one table.

The real command runs as a process, with the articles of seeds/, against the tests' Bot API server.
It is open to all and has room for all questions; else its settings are the defaults.

faults   a share of all calls fails (429, 502, reset, bad JSON in turn); 500 questions from 20 chats,
         all at once. In a first run calls fail before they did their work, in a second one after it:
         then only the acknowledgement is lost. The server keeps Telegram's limits a second.
kills    the process is killed (SIGKILL) at 50 random moments and started again, while 20 chats ask;
         a third of the time just while a message is sent.
latency  questions one by one; the time from the update to the call that sends the answer, less the
         time that the engine takes for the same question in this process.
"""

from __future__ import annotations

import argparse
import itertools
import json
import random
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import NamedTuple

import retrieval
from tests.botapi import BotApi, Fault, Message, Person
from tests.botapi.faults import Kind
from tests.botapi.process import ROOT, BotProcess, surroundings

ABSTAINED = "My sources don't say."
KINDS: tuple[Kind, ...] = ("429", "502", "reset", "bad_json")
MOST_ADDED_MS = 15
#: When the process is killed, and how often: two thirds by the clock, the rest at the points that hurt.
_MOMENTS = {"at any time": 1, "after it was up": 3, "as a message was sent": 1, "as a message had arrived": 1}


class Row(NamedTuple):
    """One line of the table."""

    what: str
    value: str
    aim: str
    reached: bool


@dataclass
class Talk:
    """People who ask, and what they asked."""

    people: list[Person]
    questions: Iterator[str]
    asked: dict[int, list[Message]] = field(default_factory=dict)

    def ask(self, person: Person) -> None:
        """One more question in the person's chat."""
        self.asked.setdefault(person.id, []).append(person.says(next(self.questions)))

    def answers(self, person: Person) -> list[int]:
        """The numbers of the questions that were answered, in the order of the answers; repeats included."""
        return [m.reply_to.message_id for m in person.chat.from_bot() if m.reply_to and is_answer(m)]

    def open(self, person: Person) -> int:
        """How many of the person's questions have no answer."""
        return len(self.asked.get(person.id, [])) - len(set(self.answers(person)))

    def total(self) -> int:
        """How many questions were asked."""
        return sum(map(len, self.asked.values()))

    def missing(self) -> int:
        """How many of them have no answer."""
        return sum(self.open(person) for person in self.people)

    def twice(self) -> list[int]:
        """The questions that have more than one answer."""
        return [n for person in self.people for n, count in Counter(self.answers(person)).items() if count > 1]

    def disordered(self) -> int:
        """How many answers came before that to an earlier question of their chat."""
        firsts = [list(dict.fromkeys(self.answers(person))) for person in self.people]
        return sum(later < earlier for order in firsts for earlier, later in itertools.pairwise(order))

    def keep_asking(self, seconds: float) -> None:
        """Everybody asks, for that time and at least once, but has no more than two questions open."""
        end = time.monotonic() + seconds
        while True:
            for person in self.people:
                if self.open(person) < 2:
                    self.ask(person)
            if time.monotonic() >= end:
                return
            time.sleep(0.03)

    def settle(self, api: BotApi, patience_s: float) -> float:
        """Seconds until all questions were answered, or until no answer came for ``patience_s``."""
        started = last = time.monotonic()
        missing = self.missing()
        while missing and time.monotonic() - last < patience_s:
            time.sleep(0.1)
            with api.world.changed:
                now = self.missing()
            missing, last = now, time.monotonic() if now < missing else last
        return time.monotonic() - started


def is_answer(message: Message) -> bool:
    """Whether it is an answer or an abstention, not a notice such as "busy"."""
    return bool(message.spans("expandable_blockquote")) or message.text.startswith(ABSTAINED)


@contextmanager
def bot_on_copy(indexed: Path, api: BotApi) -> Iterator[BotProcess]:
    """A bot that runs on a copy of the indexed folder; ended at the end."""
    with TemporaryDirectory(prefix="sayso-load-") as name:
        shutil.copytree(indexed / "data", Path(name) / "data")
        bot = BotProcess(api, Path(name))
        bot.start()
        bot.ready()
        try:
            yield bot
        finally:
            bot.end()


def faults(indexed: Path, questions: Sequence[str], options: argparse.Namespace) -> Iterator[Row]:
    """Answered, twice, out of order, with a share of the calls failing before, then after their work."""
    for done in (False, True):
        yield from failing(indexed, questions, options, done=done)


def failing(indexed: Path, questions: Sequence[str], options: argparse.Namespace, *, done: bool) -> list[Row]:
    """The same with all of them failing at one point."""
    with BotApi(seed=options.seed, limits=True) as api, bot_on_copy(indexed, api):
        kinds = KINDS[1:] if done else KINDS  # a 429 says that nothing was done
        api.inject(Fault(kinds, probability=options.share, done=done))
        talk = Talk([Person(api, f"Person {n}") for n in range(options.chats)], itertools.cycle(questions))
        for person in itertools.islice(itertools.cycle(talk.people), options.questions):
            talk.ask(person)
        took = talk.settle(api, options.patience)
        failed, calls = sum(bool(call.fault) for call in api.calls), len(api.calls)
        total, missing, twice, disordered = talk.total(), talk.missing(), len(talk.twice()), talk.disordered()
    when = "after the work" if done else "before the work"
    return [
        Row(f"calls failed {when}", f"{failed:,} of {calls:,}", "", True),
        Row(f"  answered of {total} questions", f"{total - missing} in {took:.0f} s", "all", not missing),
        Row("  answered twice", str(twice), "0", not twice),
        Row("  out of order in their chat", str(disordered), "0", not disordered),
    ]  # fmt: skip


def kills(indexed: Path, questions: Sequence[str], options: argparse.Namespace) -> list[Row]:
    """Unanswered and answered twice, after the process was killed again and again."""
    dice, sending = random.Random(options.seed), 0
    with BotApi() as api, bot_on_copy(indexed, api) as bot:
        talk = Talk([Person(api, f"Person {n}") for n in range(options.chats)], itertools.cycle(questions))
        for _ in range(options.kills):
            moment = dice.choices(*zip(*_MOMENTS.items(), strict=True))[0]
            sending += moment.startswith("as")
            if moment != "at any time":
                bot.ready()
            if moment.startswith("as"):
                talk.keep_asking(0)
                wait_for_a_send(api, arrives=moment == "as a message had arrived")
            else:
                talk.keep_asking(dice.uniform(0.2, options.window))
            bot.end(signal.SIGKILL)
            bot.start()
        took = talk.settle(api, options.patience)
        results = [call.result for call in api.calls_of("sendMessage") if call.fault and call.result]
        lost = {result["reply_to_message"]["message_id"] for result in results if "reply_to_message" in result}
        twice, total, missing, disordered = set(talk.twice()), talk.total(), talk.missing(), talk.disordered()
    return [
        Row(f"killed {options.kills} times", f"{sending} while a message was sent", "", True),
        Row(f"  unanswered of {total} questions", f"{missing} (the last after {took:.0f} s)", "0", not missing),
        Row(f"  answered twice of the {len(lost)} whose acknowledgement was lost", str(len(twice & lost)), "", True),
        Row("  answered twice of the others", str(len(twice - lost)), "0", not twice - lost),
        Row("  out of order in their chat", str(disordered), "0", not disordered),
    ]


def wait_for_a_send(api: BotApi, *, arrives: bool) -> None:
    """Comes back while a sendMessage waits for its answer, before or after the message is in its chat."""
    before = sum(bool(call.fault) for call in api.calls)
    api.heal()
    api.inject(Fault("timeout", "sendMessage", times=1, done=arrives, seconds=5))
    api.wait_for(lambda: sum(bool(call.fault) for call in api.calls) > before, 60)


def latency(indexed: Path, questions: Sequence[str], options: argparse.Namespace) -> list[Row]:
    """Medians: the whole, the engine, the difference; each question asked of both, one after the other."""
    whole, engine = [], []
    settings = retrieval.Settings(data_dir=indexed / "data")
    with BotApi() as api, bot_on_copy(indexed, api), retrieval.open(settings) as corpus:
        for question in [*questions[:3], *itertools.islice(itertools.cycle(questions), options.asked)]:
            person = Person(api)  # a new chat each time: nothing to lean on, no pace to keep
            started = time.perf_counter()
            corpus.ask(question)
            engine.append(time.perf_counter() - started)
            asked = time.monotonic()
            person.says(question)
            api.wait_for(person.chat.from_bot, 30)
            call = next(c for c in reversed(api.calls_of("sendMessage")) if c.parameters["chat_id"] == str(person.id))
            whole.append(call.at - asked)
    added = [1000 * (w - e) for w, e in zip(whole, engine, strict=True)][3:]  # the first ones warm up
    ms = [f"{1000 * median(times[3:]):.1f} ms" for times in (whole, engine)]
    return [
        Row(f"median of {len(added)} questions, to the call that answers", ms[0], "", True),
        Row("  the engine by itself", ms[1], "", True),
        Row("  added by the bot", f"{median(added):.1f} ms", f"≤ {MOST_ADDED_MS} ms", median(added) <= MOST_ADDED_MS),
    ]


PARTS: dict[str, Callable[[Path, Sequence[str], argparse.Namespace], Iterable[Row]]] = {
    "faults": faults,
    "kills": kills,
    "latency": latency,
}


def main() -> int:
    """0 if every aim was reached, else 1."""
    parser = argparse.ArgumentParser(prog="python -m tests.telegram_load", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument(
        "parts", nargs="*", choices=[[], *PARTS], metavar="PART", help="faults, kills, latency; none named: all"
    )
    parser.add_argument("--questions", type=int, default=500, help="asked while calls fail (500)")
    parser.add_argument("--chats", type=int, default=20, help="that ask at once (20)")
    parser.add_argument("--share", type=float, default=0.05, help="of the calls that fail (0.05)")
    parser.add_argument("--kills", type=int, default=50, help="of the process (50)")
    parser.add_argument("--window", type=float, default=3.0, help="seconds until the kill, at most (3)")
    parser.add_argument("--asked", type=int, default=200, help="to measure the time that the bot adds (200)")
    parser.add_argument("--patience", type=float, default=60.0, help="seconds without an answer before giving up (60)")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    records = map(json.loads, (ROOT / "seeds" / "questions.jsonl").read_text(encoding="utf-8").splitlines())
    questions = [record["question"] for record in records if not record["history"]]
    rows: list[Row] = []
    with TemporaryDirectory(prefix="sayso-load-") as name:
        folder = Path(name)
        index = [sys.executable, "-m", "bot", "index", "--quiet"]
        subprocess.run(index, cwd=folder, env=surroundings(folder), check=True)
        for part in options.parts or PARTS:
            for row in PARTS[part](folder, questions, options):
                verdict = f"{row.aim:7} {'ok' if row.reached else 'MISSED'}" if row.aim else ""
                print(f"{row.what:66} {row.value:28} {verdict}".rstrip(), flush=True)
                rows.append(row)
    return 0 if all(row.reached for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
