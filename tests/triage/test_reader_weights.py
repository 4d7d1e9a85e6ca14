"""What ships: weights without pickle, small, that fit their manifest; weights that do not fit are refused."""

import json
import shutil
import zipfile
from pathlib import Path

import numpy as np
import pytest

from choir.triage.cues import Cues
from choir.triage.encoder import WIDTH
from choir.triage.heads import ARRAYS, MANIFEST, SHIPPED, Heads, UnusableWeightsError
from choir.triage.reader import DEPARTMENTS_OF, VERSION, Reader


def test_the_manifest_names_the_cues_and_labels_of_this_code() -> None:
    heads = Heads.load()
    assert heads.cues == Cues().names
    assert heads.version == VERSION
    assert heads.say.shape == (len(heads.points), heads.weight.shape[1])
    assert heads.weight.shape == (WIDTH + len(heads.cues), sum(map(len, heads.labels.values())))
    assert set(heads.labels["objective"]) == set(DEPARTMENTS_OF)
    assert {name for names in DEPARTMENTS_OF.values() for name in names} == set(heads.labels["department"])
    assert all(0.05 < heat < 4 for heat in heads.temperatures.values())


def test_no_array_needs_pickle_and_all_are_small() -> None:
    for path in SHIPPED.glob("*.npz"):
        with np.load(path, allow_pickle=False) as arrays:
            assert all(arrays[name].dtype.kind in "fiu" for name in arrays.files)
        assert all(name.endswith(".npy") for name in zipfile.ZipFile(path).namelist())
    assert sum(path.stat().st_size for path in SHIPPED.iterdir()) < 9_000_000


def test_weights_that_do_not_fit_their_manifest_are_refused(tmp_path: Path) -> None:
    shutil.copytree(SHIPPED, tmp_path / "weights")
    manifest = tmp_path / "weights" / MANIFEST
    content = json.loads(manifest.read_text(encoding="utf-8"))
    content["cues"].append("one more")
    manifest.write_text(json.dumps(content), encoding="utf-8")
    with pytest.raises(UnusableWeightsError, match="same"):
        Reader(weights=tmp_path / "weights")


def test_broken_weights_are_refused_with_what_to_do(tmp_path: Path) -> None:
    shutil.copytree(SHIPPED, tmp_path / "weights")
    (tmp_path / "weights" / ARRAYS).write_bytes(b"not a zip")
    with pytest.raises(UnusableWeightsError, match="Install Choir again"):
        Reader(weights=tmp_path / "weights")
