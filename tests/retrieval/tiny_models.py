"""Transformer models of two layers with random weights, in folders as the Hugging Face hub keeps them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from retrieval.export import quiet

WORDS = [
    "the", "a", "of", "in", "was", "who", "when", "ferry", "lamp", "mast", "bridge", "storm", "keeper", "built",
    "broke", "tarn", "ada", "quill", "1911", ".", "?", ",", "##s",
]  # fmt: skip


def bert(folder: Path, head: str, seed: int = 1, **config: Any) -> Path:
    """A BERT that reads 62 tokens, saved with its tokenizer; ``head`` is "Model", "ForQuestionAnswering", …"""
    import torch
    import transformers

    vocabulary = {word: number for number, word in enumerate(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *WORDS])}
    shape = transformers.BertConfig(
        vocab_size=len(vocabulary), hidden_size=32, num_hidden_layers=2, num_attention_heads=2,
        intermediate_size=64, max_position_embeddings=64, initializer_range=0.5, **config,
    )  # fmt: skip
    torch.manual_seed(seed)
    with quiet():
        getattr(transformers, f"Bert{head}")(shape).save_pretrained(folder)
        transformers.BertTokenizerFast(vocab=vocabulary).save_pretrained(folder)
    return folder


def roberta(folder: Path) -> Path:
    """A RoBERTa for question answering that reads 62 tokens, whose tokens are bytes with the blanks before words."""
    import torch
    import transformers
    from tokenizers import ByteLevelBPETokenizer

    special = ["<s>", "<pad>", "</s>", "<unk>", "<mask>"]
    trained = ByteLevelBPETokenizer()
    trained.train_from_iterator([" ".join(WORDS)] * 3, vocab_size=400, special_tokens=special, show_progress=False)
    folder.mkdir(parents=True, exist_ok=True)
    trained.save_model(str(folder))
    shape = transformers.RobertaConfig(
        vocab_size=trained.get_vocab_size(), hidden_size=32, num_hidden_layers=2, num_attention_heads=2,
        intermediate_size=64, max_position_embeddings=64, type_vocab_size=1, initializer_range=0.5,
    )  # fmt: skip
    torch.manual_seed(2)
    with quiet():
        transformers.RobertaForQuestionAnswering(shape).save_pretrained(folder)
        transformers.RobertaTokenizerFast.from_pretrained(folder, trim_offsets=False).save_pretrained(folder)
    return folder
