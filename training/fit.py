"""Fitting one linear head, its temperature, and the table of word evidence."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from choir.triage.heads import nearness, softmax

Rows = NDArray[np.float32]


def weights_of(labels: Sequence[str], sources: Sequence[str], source_weight: dict[str, float], balance: float) -> Rows:
    """One weight per example: its source's, times its class's rarity to the power of `balance` (1 is full balance)."""
    base = np.array([source_weight.get(source, 1.0) for source in sources])
    names, codes = np.unique(np.array(labels), return_inverse=True)
    totals = np.bincount(codes, weights=base)
    rarity = (base.sum() / len(names) / totals) ** balance
    return np.asarray(base * rarity[codes], dtype=np.float32)


def head(rows: Rows, labels: Sequence[str], weight: Rows, strength: float, order: Sequence[str]) -> tuple[Rows, Rows]:
    """Weights (features × labels in `order`) and biases of a multinomial logistic regression."""
    model = classifier(strength).fit(rows, np.array(labels), sample_weight=weight)
    places = [list(model.classes_).index(label) for label in order]
    coefficients, intercepts = model.coef_, model.intercept_
    if len(order) == 2:
        coefficients = np.concatenate([-coefficients / 2, coefficients / 2])
        intercepts = np.concatenate([-intercepts / 2, intercepts / 2])
    return coefficients[places].T.astype(np.float32), intercepts[places].astype(np.float32)


def classifier(strength: float) -> LogisticRegression:
    """`strength` is the inverse of the penalty (scikit-learn's C)."""
    return LogisticRegression(C=strength, max_iter=400)


def sayings(
    points: Rows, labels: Sequence[str], weight: Rows, order: Sequence[str], *, narrowness: float, ridge: float
) -> tuple[Rows, Rows, Rows]:
    """Kernel ridge regression of ±1 for each label: what each point says (points × labels in `order`), the biases,
    and what the fit without a point says of it (Rifkin & Lippert 2007: the residual over the inverse's diagonal)."""
    targets = np.where(np.array(labels)[:, None] == np.array(order), 1.0, -1.0)
    bias = targets.mean(axis=0)
    ridged = nearness(points, points, narrowness).astype(np.float64) + ridge * np.diag(weight.mean() / weight)
    inverse = np.linalg.inv(ridged)
    say = inverse @ (targets - bias)
    left_out = targets - say / np.diag(inverse)[:, None]
    return say.astype(np.float32), bias.astype(np.float32), left_out.astype(np.float32)


def temperature(scores: Rows, labels: Sequence[str], order: Sequence[str]) -> float:
    """The divisor of scores that makes held-out answers likeliest."""
    truth = np.array([order.index(label) for label in labels])
    options = np.geomspace(0.05, 3.0, 90)
    losses = []
    for option in options:
        shares = softmax(scores / np.float32(option))
        losses.append(-np.log(np.clip(shares[np.arange(len(truth)), truth], 1e-9, 1)).mean())
    return round(float(options[int(np.argmin(losses))]), 3)
