"""The figures of `choir triage evaluate`, against examples worked by hand."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from choir.operations.commands.triage import app
from choir.triage.evaluate import Row, calibration_error, coverage, evaluate, scores


def test_scores_by_hand() -> None:
    found = scores(["a", "a", "a", "b"], ["a", "a", "b", "b"])
    assert found["accuracy"] == 0.75
    assert found["macro_recall"] == round((2 / 3 + 1) / 2, 4)
    assert found["macro_f1"] == pytest.approx((0.8 + 2 / 3) / 2, abs=1e-4)


def test_an_answer_outside_the_labels_counts_as_wrong_but_adds_no_class() -> None:
    assert scores(["a", "a"], ["a", "z"])["macro_f1"] == pytest.approx(2 / 3, abs=1e-4)


def test_calibration_error_is_the_gap_between_sureness_and_truth() -> None:
    assert calibration_error(["a", "a"], ["a", "b"], [0.95, 0.95]) == 0.45
    assert calibration_error(["a", "a"], ["a", "a"], [1.0, 1.0]) == 0.0


def test_coverage_is_the_share_answered_nine_times_in_ten_right() -> None:
    assert coverage(["a"] * 4, ["a", "a", "b", "b"], [0.9, 0.8, 0.7, 0.6]) == 0.5
    assert coverage(["a"], ["b"], [0.9]) == 0.0


def test_evaluate_gives_every_figure_and_refuses_nonsense() -> None:
    rows = [Row("I love this ❤️", "positive", "en"), Row("schrecklich, nie wieder", "negative", "de")]
    found = evaluate(rows, "sentiment")
    assert {"accuracy", "macro_f1", "macro_recall", "per_class", "per_language", "ece", "coverage_at_90"} <= set(found)
    assert found["texts_per_second"]
    with pytest.raises(ValueError, match="no task"):
        evaluate(rows, "mood")
    with pytest.raises(ValueError, match="no labelled rows"):
        evaluate([], "sentiment")


def test_the_command_scores_a_file_with_renamed_labels(tmp_path: Path) -> None:
    file = tmp_path / "posts.csv"
    file.write_text("post,feeling\nI love this so much ❤️,pos\nthis is terrible and broken,neg\n", encoding="utf-8")
    said = ["evaluate", str(file), "--task", "sentiment", "--text", "post", "--label", "feeling"]
    result = CliRunner().invoke(app, [*said, "--map", "pos=positive,neg=negative", "--json"])
    assert result.exit_code == 0, result.output
    told = json.loads(result.output.splitlines()[-1])
    assert told["accuracy"] == 1.0
    assert list(told) == [
        *("accuracy", "macro_f1", "macro_recall", "per_class", "per_language", "ece", "coverage_at_90"),
        "texts_per_second",
    ]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "cp1252"])
def test_the_command_reads_what_spreadsheets_save(tmp_path: Path, encoding: str) -> None:
    file = tmp_path / "posts.csv"
    file.write_text("text;label\nSchön, wir lieben es!;positive\nschrecklich;übel\n", encoding=encoding)
    result = CliRunner().invoke(app, ["evaluate", str(file), "--task", "sentiment", "--json"])
    assert result.exit_code == 0, result.output
    assert "1 of 2 rows have labels that are no answer to 'sentiment' and count as wrong: übel (1)" in result.stderr
    assert json.loads(result.stdout)["per_class"]["positive"]["recall"] == 1.0


def test_the_command_says_which_column_is_missing(tmp_path: Path) -> None:
    file = tmp_path / "posts.csv"
    file.write_text("post,feeling\nhello,pos\n", encoding="utf-8")
    result = CliRunner().invoke(app, ["evaluate", str(file), "--task", "sentiment"])
    assert result.exit_code == 2
    assert "Its columns are: post, feeling" in result.output
