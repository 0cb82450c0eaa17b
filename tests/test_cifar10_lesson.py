"""Lesson 09 on real photographs, where a copy of CIFAR-10 lies beside the repository."""

import nbclient
import nbformat
import pytest


def test_lesson_09_on_photographs(project, monkeypatch):
    copy = project.parent / "shared" / "data" / "cifar10-jpeg.zip"
    if not copy.exists():
        pytest.skip(f"there is no {copy}")
    monkeypatch.setenv("D2LAUG_CIFAR10", str(copy))
    monkeypatch.setenv("D2LAUG_MOST_EPOCHS", "1")
    path = project / "notebooks" / "09_cifar10.ipynb"
    lesson = nbformat.read(path, 4)
    nbclient.NotebookClient(
        lesson, timeout=300, resources={"metadata": {"path": path.parent}}
    ).execute()
    printed = "".join(o.get("text", "") for c in lesson.cells for o in c.get("outputs", []))
    assert "read from: JPEGs that were encoded again, not the original files" in printed
    assert "50,000 pictures to train on, 10,000 to test on" in printed
    accuracies = [line for line in printed.splitlines() if line.startswith("two processes")]
    assert len(accuracies) == 1
