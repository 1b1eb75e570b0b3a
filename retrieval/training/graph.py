"""From trained weights to the graphs: fp32 to compare with, int8 to ship, and the seal that load_reader checks."""

from __future__ import annotations

import hashlib
import json
import shutil
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch

from retrieval.reader import GRAPH, LIMIT, SEAL
from retrieval.training.model import SpanModel

_INPUTS = ("inputs_embeds", "token_type_ids", "attention_mask")


def export(weights: Path, folder: Path) -> dict[str, Path]:
    """The graphs "fp32" and "int8" of a file that :func:`retrieval.training.fit.fit` wrote, in ``folder``.

    They map word embeddings (float32, batch × length × 384), token types and mask (int64) to ``logits``
    (float32, batch × length × 2). The word embeddings are not in them.
    """
    plain, small = folder / "fp32.onnx", folder / "int8.onnx"
    model = SpanModel()
    left_out = model.load_state_dict(torch.load(weights, weights_only=True), strict=False)
    if left_out.unexpected_keys or any("word_embeddings" not in name for name in left_out.missing_keys):
        raise ValueError(f"{weights} does not fit the model: {left_out}")
    write_graph(model.float().eval(), plain)
    quantise(plain, small)
    return {"fp32": plain, "int8": small}


def write_graph(model: SpanModel, path: Path) -> None:
    """Traces the model, with batch and length left open."""
    ids = torch.arange(60).reshape(2, 30)
    sample = (model.embed(ids), ids % 3, torch.ones_like(ids))
    axes = {name: {0: "batch", 1: "length"} for name in (*_INPUTS, "logits")}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the tracer remarks on shapes that are constant by design
        torch.onnx.export(
            model, sample, str(path), input_names=list(_INPUTS), output_names=["logits"],
            dynamic_axes=axes, opset_version=17, dynamo=False,
        )  # fmt: skip


def quantise(plain: Path, small: Path) -> None:
    """Weights to 8 bits, one scale for each output channel."""
    import onnx
    from onnxruntime.quantization import QuantType, quantize_dynamic

    tensor: Mapping[str, Any] = {"DefaultTensorType": onnx.TensorProto.FLOAT}
    # 7-bit weights (reduce_range), since products of 8-bit ones saturate on processors without VNNI
    quantize_dynamic(
        str(plain), str(small), per_channel=True, reduce_range=True,
        weight_type=QuantType.QInt8, extra_options=dict(tensor),
    )  # fmt: skip


def ship(graph: Path, models: Path) -> str:
    """Puts the graph and its seal into ``models``; the SHA-256."""
    models.mkdir(parents=True, exist_ok=True)
    digest = hashlib.sha256(graph.read_bytes()).hexdigest()
    shutil.copyfile(graph, models / GRAPH)
    seal = {"sha256": digest, "bytes": graph.stat().st_size, "window_tokens": LIMIT}
    (models / SEAL).write_text(json.dumps(seal) + "\n")
    return digest
