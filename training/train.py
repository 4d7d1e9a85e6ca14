"""Trains the heads that Choir ships.

    python training/train.py --data DIR [--cache DIR] [--out DIR]

DIR holds the public data sets as gzipped CSV (docs/model-card.md: which, whence, licence); they are never copied.
The written texts are in training/written/. Same data, same seed, same weights. `--cache` keeps the encoded texts
between runs.
"""

import hashlib
import json
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer
from fit import Rows, head, sayings, temperature, weights_of
from numpy.typing import NDArray
from sources import HELD_OUT, PUBLIC, Example, goemotions, threads, written

from choir.triage.cues import Cues
from choir.triage.encoder import Encoder, clean, excerpt
from choir.triage.evidence import TABLE, leans
from choir.triage.heads import ARRAYS, EMOTIONS, MANIFEST, SHIPPED, Heads, nearness
from choir.triage.romanised import in_english

CUE_SCALE = 0.25
LABELS = {
    "sentiment": ("negative", "neutral", "positive", "mixed"),
    "intent": (
        *("question", "complaint", "request", "purchase", "praise", "idea"),
        *("press", "job", "threat", "spam", "abuse", "conversation"),
    ),
    "objective": (
        *("care", "sales", "reputation", "advocacy", "product_insight"),
        *("talent", "compliance", "community", "listening"),
    ),
    "department": (
        *("customer_service", "operations", "billing", "it", "sales", "product"),
        *("marketing", "pr_communications", "legal", "hr", "none"),
    ),
    "urgency": ("0", "1", "2", "3"),
    "stage": ("awareness", "consideration", "purchase", "support", "advocacy"),
    "needs_reply": ("no", "yes"),
    "spam": ("no", "yes"),
    **dict.fromkeys(EMOTIONS, ("no", "yes")),
}
STRENGTH = {
    "sentiment": 0.05,
    "spam": 0.3,
}  # inverse penalty; chosen, like the next three, on validation sets (docs/model-card.md)
BALANCE = {"sentiment": 1.0, "objective": 0.2}
SOURCE_WEIGHT = {"written": 1.0, "banking77": 0.01, "bitext": 0.02, "clinc150": 0.03}
SOURCE_WEIGHT_FOR = {
    "sentiment": {"opinions": 2.0, "written": 0.5, "threads": 0.5},
    "spam": {
        "written": 5.0, "threads": 5.0, "opinions": 5.0, "goemotions": 0.2, "banking77": 0.3, "bitext": 0.3,
        "clinc150": 0.3, "spam-youtube": 0.2,
    },
}  # fmt: skip
MIXED_WEIGHT = 0.3  # "mixed" is rare; at full balance it takes too much from the three others
OURS = ("written", "opinions", "threads")
BY_NEARNESS = ("sentiment", "intent", "objective", "department", "urgency", "stage", "needs_reply", "spam")
NARROWNESS, RIDGE = 0.6, 0.1
LINE_SHARE = 0.02  # of the linear head beside what near examples say: for most it only names the telling words
BOTH = {"sentiment": 0.5, "spam": 1.0}  # the linear head in full, and this share of what near examples say
RIDGES = {"sentiment": 0.3}
STEPS = 20  # of a lean from nothing to the strongest: enough to rank words by, and it packs well
NEUTRAL_SHIFT = 0.3  # what is taken from "neutral": Reddit's neutral is wider than that of posts to companies


def main(
    data: Annotated[Path, typer.Option(help="Folder of the public data sets.")],
    cache: Annotated[Path | None, typer.Option(help="Folder that keeps encoded texts between runs.")] = None,
    out: Annotated[Path, typer.Option(help="Where the weights go.")] = SHIPPED,
) -> None:
    """Train all heads and write weights, evidence table and manifest."""
    examples = written() + threads() + [example for source in PUBLIC for example in source(data)]
    unseen = written(HELD_OUT)
    unseen += [example for at, example in enumerate(goemotions(data, "dev")) if at % 8 == 0]
    encoder, cues = Encoder(), Cues()
    rows = features([example.text for example in examples], encoder, cues, cache)
    unseen_rows = features([example.text for example in unseen], encoder, cues, cache)
    near = [at for at, example in enumerate(examples) if example.source in OURS]
    points, scale = rounded(rows[near])
    unseen_near = nearness(unseen_rows, points * scale, NARROWNESS)
    weights, biases, says, fields = [], [], [], {}
    for field, order in LABELS.items():
        weight, bias = fit_field(field, order, examples, rows)
        say = np.zeros((len(near), len(order)), dtype=np.float32)
        if field in BY_NEARNESS:
            held_by = [at for at, place in enumerate(near) if field in examples[place].labels]
            told, level = fit_near(field, order, [examples[near[at]] for at in held_by], points[held_by] * scale)
            share = BOTH.get(field, 1.0)
            say[held_by] = share * told
            weight, bias = (weight, bias + share * level) if field in BOTH else (weight * LINE_SHARE, level)
        heat = calibrated(field, order, unseen, unseen_rows @ weight + bias + unseen_near @ say)
        weights.append(weight)
        biases.append(bias)
        says.append(say)
        fields[field] = {"labels": list(order), "temperature": heat}
    arrays = {
        "weight": np.concatenate(weights, axis=1).astype(np.float16),
        "bias": np.concatenate(biases),
        "points": points,
        "point_scale": scale,
        "say": np.concatenate(says, axis=1).astype(np.float16),
    }
    save(out, cues, arrays, fields)
    heads = Heads.load(out)
    save_evidence(out, encoder, heads, cache)
    typer.echo(f"Wrote weights {heads.version} to {out}.")


def rounded(rows: Rows) -> tuple[NDArray[np.int8], Rows]:
    """Rows in eight bits, and what to multiply each column with."""
    scale = np.maximum(np.abs(rows).max(axis=0), 1e-6) / 127
    return np.round(rows / scale).astype(np.int8), scale.astype(np.float32)


def fit_near(field: str, order: tuple[str, ...], examples: list[Example], points: Rows) -> tuple[Rows, Rows]:
    """What each written example says of one field, and the biases."""
    labels = [example.labels[field] for example in examples]
    weight = weights_of(labels, [example.source for example in examples], {}, BALANCE.get(field, 0.3))
    ridge = RIDGES.get(field, RIDGE)
    say, bias, left_out = sayings(points, labels, weight, order, narrowness=NARROWNESS, ridge=ridge)
    right = left_out.argmax(axis=1) == [order.index(label) for label in labels]
    typer.echo(f"{field}: {right.mean():.3f} right of {len(labels)} written, each left out in turn")
    return say, bias


def fit_field(field: str, order: tuple[str, ...], examples: list[Example], rows: Rows) -> tuple[Rows, Rows]:
    """One linear head: weights and biases."""
    chosen = [at for at, example in enumerate(examples) if field in example.labels]
    labels = [examples[at].labels[field] for at in chosen]
    sources = [examples[at].source for at in chosen]
    weight = weights_of(labels, sources, SOURCE_WEIGHT_FOR.get(field, SOURCE_WEIGHT), BALANCE.get(field, 0.5))
    if field == "sentiment":
        weight = np.where(np.array(labels) == "mixed", weight * MIXED_WEIGHT, weight)
    coefficients, intercepts = head(rows[chosen], labels, weight, STRENGTH.get(field, 2.0), order)
    if field == "sentiment":
        intercepts[order.index("neutral")] -= NEUTRAL_SHIFT
    return coefficients, intercepts


def calibrated(field: str, order: tuple[str, ...], unseen: list[Example], scores: Rows) -> float:
    """The temperature that makes the answers on texts not trained on likeliest."""
    chosen = [at for at, example in enumerate(unseen) if field in example.labels]
    labels = [unseen[at].labels[field] for at in chosen]
    heat = temperature(scores[chosen], labels, order)
    right = (scores[chosen].argmax(axis=1) == [order.index(label) for label in labels]).mean()
    typer.echo(f"{field}: {right:.3f} right of {len(labels)} held out, temperature {heat}")
    return heat


def features(texts: list[str], encoder: Encoder, cues: Cues, cache: Path | None) -> Rows:
    """Sentence vectors and scaled cues of texts."""
    vectors = encoded([in_english(clean(text)) for text in texts], encoder, cache)
    told = np.array([cues.read(excerpt(text)) for text in texts], dtype=np.float32)
    return np.concatenate([vectors, told * np.float32(CUE_SCALE)], axis=1)


def encoded(texts: list[str], encoder: Encoder, cache: Path | None) -> Rows:
    """Sentence vectors; with a cache, only texts not met before are encoded."""
    path = cache / "vectors.npz" if cache else None
    known: dict[bytes, Rows] = {}
    if path and path.exists():
        with np.load(path, allow_pickle=False) as arrays:
            known = dict(zip(arrays["keys"].tolist(), arrays["vectors"], strict=True))
    keys = [hashlib.sha256(text.encode()).hexdigest()[:20].encode() for text in texts]
    new = list({key: text for key, text in zip(keys, texts, strict=True) if key not in known}.items())
    known |= dict(zip([key for key, _ in new], encoder.encode([text for _, text in new]), strict=True))
    if path and new:
        path.parent.mkdir(parents=True, exist_ok=True)
        np.savez(path, keys=np.array(list(known)), vectors=np.stack(list(known.values())))
    return np.stack([known[key] for key in keys]).astype(np.float32)


def save(out: Path, cues: Cues, arrays: dict[str, NDArray[Any]], fields: dict[str, dict[str, object]]) -> None:
    """Writes arrays and manifest; the version names the content."""
    out.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(out / ARRAYS, **arrays)
    version = "2026.11-" + hashlib.sha256(b"".join(one.tobytes() for one in arrays.values())).hexdigest()[:8]
    manifest = {
        "version": version, "cues": list(cues.names), "cue_scale": CUE_SCALE, "narrowness": NARROWNESS,
        "fields": fields,
    }  # fmt: skip
    (out / MANIFEST).write_text(json.dumps(manifest, indent=1) + "\n", encoding="utf-8")


def save_evidence(out: Path, encoder: Encoder, heads: Heads, cache: Path | None) -> None:
    """What the heads say to each piece of the vocabulary alone, against the mean piece and the other answers."""
    pieces = [piece.lstrip("▁") for piece in encoder.vocabulary]
    vectors = encoded(pieces, encoder, cache)
    scores = vectors @ heads.weight[: vectors.shape[1]]
    table = leans(scores - scores.mean(axis=0), heads)
    scale = np.abs(table).max(axis=0) / STEPS
    np.savez_compressed(out / TABLE, leans=np.round(table / scale).astype(np.int8), scale=scale.astype(np.float32))


if __name__ == "__main__":
    typer.run(main)
