from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.settings import Settings, example_toml, known_settings, line_of, load
from retrieval.errors import SettingsError

ROOT = Path(__file__).parents[2]


def written(text: str, path: str = "config.toml") -> Path:
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    Path(path).write_text(text, encoding="utf-8")
    return Path(path)


def refusal(text: str = "", environ: dict[str, str] | None = None, data_dir: Path | None = None) -> tuple[str, str]:
    with pytest.raises(SettingsError) as caught:
        load(written(text), data_dir, environ or {})
    return str(caught.value), caught.value.hint


def test_nothing_set_gives_the_defaults() -> None:
    assert load(None, None, {"PATH": "/bin", "SAYSO_DEBUG": "1", "SAYSO_TELEGRAM_TOKEN": "x"}) == Settings()


def test_example_file_is_what_the_settings_say() -> None:
    assert (ROOT / "config.example.toml").read_text(encoding="utf-8") == example_toml()


def test_example_file_loads_to_exactly_the_defaults() -> None:
    assert load(written(example_toml()), None, {}) == Settings()


def test_every_setting_has_its_line_in_the_example() -> None:
    assert all(line_of(example_toml(), key) for key in known_settings())
    assert all(field.description for field in known_settings().values())


def test_command_line_wins_over_environment_over_file() -> None:
    config = written('data_dir = "a"\n[search]\nhits = 7\ncandidates = 9\n')
    found = load(config, Path("c"), {"SAYSO_DATA_DIR": "b", "SAYSO_SEARCH__HITS": "8"})
    assert (found.data_dir, found.search.hits, found.search.candidates) == (Path("c"), 8, 9)
    assert load(config, None, {"SAYSO_DATA_DIR": "b"}).data_dir == Path("b")


def test_file_in_the_current_folder_comes_before_the_one_at_home(tmp_path: Path) -> None:
    environ = {"XDG_CONFIG_HOME": str(tmp_path / "home")}
    written("[search]\nhits = 3\n", f"{tmp_path}/home/sayso/config.toml")
    assert load(None, None, environ).search.hits == 3
    written("[search]\nhits = 4\n")
    assert load(None, None, environ).search.hits == 4


def test_paths_of_a_file_are_relative_to_its_folder_and_home_expands(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/ada")
    config = written('data_dir = "index"\n[corpus]\npaths = ["texts", "/abs", "~/notes"]\n', "deep/down/c.toml")
    found = load(config, None, {})
    assert found.data_dir == Path("deep/down/index")
    assert found.corpus.paths == ["deep/down/texts", "/abs", "/home/ada/notes"]
    assert load(config, None, {"SAYSO_DATA_DIR": "~/index"}).data_dir == Path("/home/ada/index")
    assert load(config, Path("~/i"), {}).data_dir == Path("/home/ada/i")


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("SAYSO_SEARCH__HITS", "10", 10),
        ("SAYSO_SEARCH__DENSE_WEIGHT", "0.5", 0.5),
        ("SAYSO_SEARCH__DENSE_WEIGHT", "2", 2.0),
        ("SAYSO_ENCODER__PRECISION", "int8", "int8"),
        ("SAYSO_ENCODER__MODEL", "123", "123"),
        ("SAYSO_CORPUS__PATHS", "a, b", ["a", "b"]),
        ("SAYSO_CORPUS__PATHS", '["a,b", "c"]', ["a,b", "c"]),
        ("SAYSO_SEARCH__HITS", "", 20),
        ("SAYSO_TELEGRAM__ACCESS", "open", "open"),
        ("SAYSO_TELEGRAM__ADMINS", "7, 8", [7, 8]),
        ("SAYSO_TELEGRAM__CHATS", "[-100]", [-100]),
    ],
)
def test_variables_are_read_as_the_type_of_their_setting(name: str, text: str, expected: object) -> None:
    section, leaf = name.removeprefix("SAYSO_").lower().split("__")
    assert getattr(getattr(load(None, None, {name: text}), section), leaf) == expected


def test_addresses_of_a_bot_api_server_have_a_short_variable_and_a_setting() -> None:
    short = {"SAYSO_TELEGRAM_BASE_URL": "http://a/bot", "SAYSO_TELEGRAM_BASE_FILE_URL": "http://a/file"}
    found = load(written('[telegram]\nbase_url = "http://b/bot"\n'), None, short).telegram
    assert (found.base_url, found.base_file_url) == ("http://a/bot", "http://a/file")
    assert load(Path("config.toml"), None, {}).telegram.base_url == "http://b/bot"


def test_a_list_of_numbers_that_holds_words_is_refused() -> None:
    message, _ = refusal("", {"SAYSO_TELEGRAM__USERS": "7, ada"})
    assert message == 'SAYSO_TELEGRAM__USERS: [telegram] users must be a list of whole numbers, not "7, ada"'


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        (
            "[search]\n\nhits = 0\n",
            "config.toml, line 3: [search] hits must be a whole number from 1 to 300, not 0",
            "passages kept after fusion",
        ),
        (
            '[search]\nhits = "10"\n',
            'config.toml, line 2: [search] hits must be a whole number from 1 to 300, not "10"',
            "passages kept after fusion",
        ),
        (
            "[answers]\nthreshold = nan\n",
            "config.toml, line 2: [answers] threshold must be a number from 0 to 1, not NaN",
            "abstain below this confidence",
        ),
        (
            "[store]\nexact_below = -1",
            "config.toml, line 2: [store] exact_below must be a whole number, 0 or more, not -1",
            "passages up to which an exact scan answers instead of Chroma",
        ),
        (
            'encoder.precision = "fp16"\n',
            'config.toml, line 1: [encoder] precision must be one of int8, fp32, not "fp16"',
            "of the encoder in the box; fp32 is half as fast",
        ),
        (
            '[corpus]\npaths = [\n  "a",\n  3,\n]\n',
            "config.toml, line 2: [corpus] paths must be a list of texts, not 3",
            "what `sayso index` reads without PATH; none: the articles that come with Sayso",
        ),
        ("data_dir = 5\n", "config.toml, line 1: data_dir must be a path, not 5", "folder that holds the index"),
        (
            "search = 5\n",
            "config.toml, line 1: [search] must be a table of settings",
            "config.example.toml lists every setting",
        ),
        ("[search]\nhit = 3\n", "config.toml, line 2: there is no setting [search] hit", "did you mean [search] hits?"),
        (
            "[search]\nthreshold = 0.1",
            "config.toml, line 2: there is no setting [search] threshold",
            "did you mean [answers] threshold?",
        ),
        ("\n[serach]\nhits = 3\n", "config.toml, line 2: there is no setting serach", "did you mean search?"),
        (
            "zzzzzzzzz = 1\n",
            "config.toml, line 1: there is no setting zzzzzzzzz",
            "config.example.toml lists every setting",
        ),
        (
            '[telegram]\ntoken = "123:abc"\n',
            "config.toml, line 2: [telegram] token is a secret, and secrets are read from the environment only",
            "delete the line and set SAYSO_TELEGRAM_TOKEN",
        ),
    ],
)
def test_a_wrong_file_is_refused_with_key_line_and_remedy(text: str, message: str, hint: str) -> None:
    assert refusal(text) == (message, hint)


def test_the_refusal_of_a_secret_does_not_show_it() -> None:
    assert "123:abc" not in "".join(refusal('token = "123:abc"\n'))


def test_a_syntax_error_names_its_line() -> None:
    message, hint = refusal("[search]\nhits == 3\n")
    assert message.startswith("config.toml is not TOML: ")
    assert "line 2" in message
    assert hint


def test_a_file_that_cannot_be_read_is_refused(folder: Path) -> None:
    with pytest.raises(SettingsError, match=r"absent\.toml cannot be read: No such file"):
        load(Path("absent.toml"), None, {})
    Path("bad.toml").write_bytes(b"# caf\xe9\n")
    with pytest.raises(SettingsError, match=r"bad\.toml is not UTF-8 \(byte 5\)"):
        load(Path("bad.toml"), None, {})


def test_byte_order_mark_and_dos_line_ends_are_no_errors() -> None:
    Path("dos.toml").write_bytes(b"\xef\xbb\xbf[search]\r\nhits = 6\r\n")
    assert load(Path("dos.toml"), None, {}).search.hits == 6


@pytest.mark.parametrize(
    ("name", "value", "message", "hint"),
    [
        ("SAYSO_SERCH__HITS", "3", "SAYSO_SERCH__HITS is not a variable of Sayso", "did you mean SAYSO_SEARCH__HITS?"),
        ("SAYSO_SEARCH", "3", "SAYSO_SEARCH is not a variable of Sayso", "did you mean SAYSO_SEARCH__HITS?"),
        (
            "SAYSO_SEARCH__HITS",
            "many",
            'SAYSO_SEARCH__HITS: [search] hits must be a whole number from 1 to 300, not "many"',
            "passages kept after fusion",
        ),
        (
            "SAYSO_SEARCH__HITS",
            "301",
            "SAYSO_SEARCH__HITS: [search] hits must be a whole number from 1 to 300, not 301",
            "passages kept after fusion",
        ),
        (
            "SAYSO_CORPUS__PATHS",
            "[1, ",
            'SAYSO_CORPUS__PATHS: [corpus] paths must be a list of texts, not "[1, "',
            "what `sayso index` reads without PATH; none: the articles that come with Sayso",
        ),
    ],
)
def test_a_wrong_variable_is_refused_by_name(name: str, value: str, message: str, hint: str) -> None:
    assert refusal(environ={name: value}) == (message, hint)


def test_an_empty_data_folder_variable_counts_as_not_set() -> None:
    assert load(None, None, {"SAYSO_DATA_DIR": ""}).data_dir == Path(".sayso")


NAMES = st.sampled_from(["alpha", "beta", "gamma", "delta"])
BLANKS = st.lists(st.sampled_from(["", "# note", '# x = """']), max_size=3)


@settings(deadline=None)
@given(
    st.lists(
        st.tuples(NAMES, BLANKS, st.sampled_from(["1", '"a"', "[\n1,\n2]", '"""x\n[y]\n"""'])),
        unique_by=lambda row: row[0],
    )
)
def test_the_line_told_is_the_one_the_key_stands_on(rows: list[tuple[str, list[str], str]]) -> None:
    lines = ["[table]"]
    expected = {}
    for name, blanks, value in rows:
        lines += blanks
        expected[name] = len(lines) + 1
        lines += f"{name} = {value}".split("\n")
    text = "\n".join(lines)
    assert {name: line_of(text, ("table", name)) for name in expected} == expected
    assert line_of(text, ("table", "omega")) is None


@pytest.mark.parametrize(
    ("key", "given", "wanted"),
    [
        ("webhook_url", "http://bot.example.org/x", "https://"),
        ("webhook_url", "https:///sayso", "https://"),
        ("webhook_url", "bot.example.org", "https://"),
        ("base_url", "api.example.org/bot", "http:// or https://"),
        ("base_file_url", "ftp://files.example.org", "http:// or https://"),
        ("base_url", "http://example.org:99999/bot", "http:// or https://"),
    ],
)
def test_an_address_that_is_none_is_refused_by_name(key: str, given: str, wanted: str) -> None:
    message, _ = refusal(f'[telegram]\n{key} = "{given}"\n')
    assert message == (
        f'config.toml, line 2: [telegram] {key} must be an address with a host that begins with {wanted}, not "{given}"'
    )
