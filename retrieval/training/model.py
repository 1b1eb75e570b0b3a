"""The network: MiniLM-L6 with a third token type, and a start and an end score on each token."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch

from retrieval.export import package_folder


class SpanModel(torch.nn.Module):  # type: ignore[misc]  # torch is not followed
    """Logits (batch, length, 2) from word embeddings; the first token stands for "no answer"."""

    def __init__(self, folder: Path | None = None, attention: str = "eager") -> None:
        from transformers import BertConfig, BertModel

        super().__init__()
        folder = folder or package_folder()
        config = BertConfig.from_pretrained(folder, attn_implementation=attention)
        config.hidden_dropout_prob = config.attention_probs_dropout_prob = 0.0
        config.type_vocab_size = 3
        self.bert = BertModel(config, add_pooling_layer=False)
        self.head = torch.nn.Linear(config.hidden_size, 2)
        self.bert.load_state_dict(_encoder_weights(folder))
        torch.nn.init.normal_(self.head.weight, std=0.02)
        torch.nn.init.zeros_(self.head.bias)
        self.bert.embeddings.word_embeddings.weight.requires_grad_(False)

    def forward(self, inputs_embeds: Any, token_type_ids: Any, attention_mask: Any) -> Any:
        """Logits in fp32, whatever the precision of the layers."""
        hidden = self.bert(
            inputs_embeds=inputs_embeds, token_type_ids=token_type_ids, attention_mask=attention_mask
        ).last_hidden_state
        return self.head(hidden.float())

    def embed(self, ids: Any) -> Any:
        """The frozen word embeddings of token ids."""
        return self.bert.embeddings.word_embeddings(ids)


def _encoder_weights(folder: Path) -> dict[str, Any]:
    """The encoder's weights; words that the question asks with begin as words of the passage do."""
    from safetensors.torch import load_file

    weights = load_file(folder / "model.safetensors")
    types = weights["embeddings.token_type_embeddings.weight"]
    weights["embeddings.token_type_embeddings.weight"] = torch.cat([types, types[1:2]])
    unused = ("pooler", "embeddings.position_ids")
    return {name: tensor for name, tensor in weights.items() if not name.startswith(unused)}


def span_loss(logits: Any, mask: Any, starts: Any, ends: Any) -> Any:
    """Mean negative log-likelihood of start and end, each summed over its right positions."""
    logits = logits.masked_fill(mask[..., None] == 0, float("-inf"))
    losses = [
        -torch.logsumexp(torch.log_softmax(scores, dim=1).masked_fill(~right, float("-inf")), dim=1)
        for scores, right in ((logits[..., 0], starts), (logits[..., 1], ends))
    ]
    return (losses[0] + losses[1]).mean() / 2
