"""Hand-outs: no solution in a learner's copy, all of it runs, the plan names what exists."""

import ast
import json
import re
import statistics
from pathlib import Path

import nbformat
import pytest

from d2laug.check import kept
from d2laug.data import results
from d2laug.pages import handout, remembered, tutorial
from d2laug.pages.cells import cell as stored
from d2laug.pages.cells import lessons, read

LESSONS = lessons()
EVERY = [*LESSONS, "tutorial"]
BLOCKS = read("tutorial")["block"]


def source_of(key):
    return tutorial.notebook() if key == "tutorial" else nbformat.read(LESSONS[key], 4)


def tags(cell):
    return cell.metadata.get("tags", [])


def results_of(code):
    """What a solution's functions return, or what it is, as code."""
    tree = ast.parse(code)
    found = [node for node in ast.walk(tree) if isinstance(node, ast.Return)]
    found += [node for node in tree.body if isinstance(node, ast.Assign)]
    return [ast.unparse(node.value) for node in found if node.value]


@pytest.mark.parametrize("key", EVERY)
def test_no_solution_survives(key):
    notebook = source_of(key)
    made = handout.student(notebook)
    solutions = [cell.source for cell in notebook.cells if "solution" in tags(cell)]
    assert len(solutions) == sum("exercise" in tags(cell) for cell in notebook.cells) > 0
    code = [cell for cell in made.cells if cell.cell_type == "code"]
    assert not [cell.id for cell in code if cell.outputs or cell.execution_count]
    assert not re.search(r"\bsolution\b", "".join(cell.source for cell in made.cells))
    # what a lesson teaches before its exercises may be part of a solution
    first = next(n for n, cell in enumerate(made.cells) if "exercise" in tags(cell))
    after = made.cells[first:] if key != "tutorial" else made.cells
    text = "\n".join(" ".join(cell.source.split()) for cell in after)
    for solution in solutions:
        found = [x for x in results_of(solution) if len(x) >= handout.SHORTEST]
        assert [x for x in found if " ".join(x.split()) in text.replace("# ", "")] == []
    asked = [tag for cell in made.cells for tag in tags(cell) if tag in ("exercise", "check")]
    assert asked == ["exercise", "check"] * len(solutions)
    nbformat.validate(made)


def test_a_copy_that_speaks_of_solutions_is_refused():
    text = nbformat.v4.new_markdown_cell("Look into the solution.")
    with pytest.raises(ValueError, match="speaks of a solution"):
        handout.student(nbformat.v4.new_notebook(cells=[text]))


@pytest.mark.parametrize("code", ["x = 1  # no solution is known", "print('the solution of it')"])
def test_code_that_speaks_of_solutions_is_refused(code):
    tags = ("exercise", "def double(x): ..."), ("solution", "def solution(x):\n    return 2 * x")
    cells = [nbformat.v4.new_code_cell(source, metadata={"tags": [tag]}) for tag, source in tags]
    cells.append(nbformat.v4.new_code_cell(code))
    with pytest.raises(ValueError, match="speaks of a solution"):
        handout.student(nbformat.v4.new_notebook(cells=cells))


@pytest.mark.parametrize("code", ["import math", "a, b = 1, 2", ""])
def test_an_exercise_that_asks_for_no_name_is_refused(code):
    cell = nbformat.v4.new_code_cell(code, metadata={"tags": ["exercise"]})
    with pytest.raises(ValueError, match="an exercise begins with a function or a name"):
        handout.student(nbformat.v4.new_notebook(cells=[cell]))


@pytest.mark.parametrize("first", ["# think first\n", "@torch.no_grad()\n", "\n"])
def test_an_exercise_may_begin_with_a_comment(first):
    code = first + "def double(x):\n    return ..."
    cell = nbformat.v4.new_code_cell(code, metadata={"tags": ["exercise"]})
    made = handout.student(nbformat.v4.new_notebook(cells=[cell]))
    assert made.cells[0].source == code


def test_what_gives_an_answer_away_waits():
    made = {cell.id: cell.source for cell in handout.student(source_of("07")).cells}
    waits = made["experiment-leave-out-run"].splitlines()
    assert waits[0] == handout.WAITS
    assert "# rest = without(pieces, name)" in waits
    assert all(line.startswith("#") for line in waits)


def test_an_answer_is_folded_and_its_question_is_not():
    made = {cell.id: cell.source for cell in handout.student(source_of("02")).cells}
    assert made["batch-one-draw-seen"].startswith("<details><summary>What was seen")
    assert "Predict" in made["batch-trap"]


def test_the_tutors_copy_has_all_and_more():
    made = handout.teacher(source_of("02"), handout.notes()["02"])
    assert sum("solution" in tags(cell) for cell in made.cells) >= 3
    assert not any(cell.metadata.get("jupyter") for cell in made.cells if "solution" in tags(cell))
    text = "\n".join(cell.source for cell in made.cells)
    assert "**For the tutor.** Ask: Left-right is always safe? (yes; no)" in text
    assert "> - every picture is flipped; only those with True should be." in text
    nbformat.validate(made)


def test_all_of_it_is_written(tmp_path):
    said = handout.write(tmp_path / "a class")
    students, tutors = (tmp_path / "a class" / name for name in ("student", "teacher"))
    assert str(students) in said[0]
    both = {path.name for path in LESSONS.values()} | {"tutorial.ipynb", "card.html"}
    assert both | {"a_month_later.html"} <= {path.name for path in students.iterdir()}
    assert both | {"TUTORIAL.md"} <= {path.name for path in tutors.iterdir()}
    handout.write(tmp_path / "a class")
    (students / kept.FILE).write_text("{}")
    with pytest.raises(FileExistsError, match="somebody has worked there"):
        handout.write(tmp_path / "a class")
    (students / kept.FILE).unlink()
    path = students / "tutorial.ipynb"
    path.write_text(
        path.read_text("utf-8").replace('"execution_count": null', '"execution_count": 1')
    )
    with pytest.raises(FileExistsError, match=r"tutorial\.ipynb"):
        handout.write(tmp_path / "a class")


# ---- the tutorial


def test_the_clock_of_the_tutorial():
    assert [BLOCKS[0]["start"], BLOCKS[-1]["end"]] == [0, 90]
    assert [block["end"] for block in BLOCKS[:-1]] == [block["start"] for block in BLOCKS[1:]]


def named(words):
    """The cells in a field of the plan: a lesson's number stands before its first."""
    lesson, found = "", []
    for number, name in re.findall(r"(?:\b(\d\d) )?`([a-z0-9-]+)`", words):
        lesson = number or lesson
        found.append(f"{lesson}/{name}")
    return found


def test_the_plan_names_what_exists():
    plan = (LESSONS["01"].parent / "TUTORIAL.md").read_text("utf-8")
    rows = re.findall(r"^\| (\d+)-(\d+) \|(.*)\|$", plan, flags=re.MULTILINE)
    assert [(int(a), int(b)) for a, b, _ in rows] == [(b["start"], b["end"]) for b in BLOCKS]
    for (*_, row), block in zip(rows, BLOCKS, strict=True):
        _, cells, _, stuck = re.split(r" *\| *", row)
        shown = [n for n in block.get("cells", ()) if not n.endswith("solution") and n[:3] != "own"]
        assert [name for name in named(cells) if name != "/all"] == shown
        for name in [*named(cells), *named(stuck)]:
            assert name == "/all" or name.endswith("/all") or stored(name)
        for name in re.findall(r"\d\d `[a-z0-9-]+`", str(block.get("stuck"))):
            assert stored(*named(name))
    with pytest.raises(KeyError, match="02/no-such-cell"):
        stored("02/no-such-cell")


def test_the_time_of_the_trainings_is_the_measured_one():
    plan = (LESSONS["01"].parent / "TUTORIAL.md").read_text("utf-8")
    results = LESSONS["01"].parent.parent / "benchmarks" / "results" / "tutorial.json"
    measured = json.loads(results.read_text("utf-8"))
    one, ten = measured["one group"], measured["10 groups at once"]
    said = f"within {max(ten['seconds']) / 60:.1f} minutes, with {ten['most_memory_gb']} GB"
    assert f"{said} of memory in all (one alone: {max(one['seconds']):.0f} s, " in plan
    assert f" s, {one['most_memory_gb']} GB)" in plan


def run(notebook, folder, epochs="1"):
    """Execute a notebook in a folder, one epoch a training; return the first outputs as text."""
    nbclient = pytest.importorskip("nbclient")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("D2LAUG_MOST_EPOCHS", epochs)
        nbclient.NotebookClient(
            notebook, timeout=600, kernel_name="python3", resources={"metadata": {"path": folder}}
        ).execute()
    said = {}
    for cell in notebook.cells:
        outputs = cell.get("outputs", [])
        words = [o.get("text") or o.get("data", {}).get("text/plain", "") for o in outputs]
        said[cell.id] = "".join(map(str, words))
    return said


@pytest.mark.long
@pytest.mark.parametrize("key", ["tutorial", "01", "02", "03", "04", "07"])
def test_a_learners_copy_runs_from_top_to_bottom(key, tmp_path):
    made = handout.student(source_of(key))
    said = run(made, tmp_path)
    for cell in made.cells:
        if "check" in tags(cell):
            assert said[cell.id].startswith("Not yet"), cell.id
    written = tmp_path / kept.FILE  # guesses may be there: the lesson's own
    assert not written.exists() or not json.loads(written.read_text("utf-8"))["passed"]


@pytest.mark.long
def test_who_comes_late_needs_one_cell(tmp_path):
    """Each block runs in a fresh kernel, with right answers it leads to a code."""
    made = tutorial.notebook()
    starts = [n for n, cell in enumerate(made.cells) if re.fullmatch(r"block-\d+", cell.id)]
    for start, end in zip(starts, [*starts[1:], None], strict=True):
        block = made.cells[start:end]
        for cell in block:
            if "solution" in tags(cell):  # as if it were the learner's: under another name
                cell.source = re.sub(r"\bsolution\b", "mine", cell.source)
        run(nbformat.v4.new_notebook(cells=block, metadata=made.metadata), tmp_path)
    said = run(nbformat.v4.new_notebook(cells=made.cells[starts[-1] :]), tmp_path)
    assert "02.3, 03.2, 04.1, 08.3" in said[made.cells[-1].id]
    assert json.loads((tmp_path / kept.FILE).read_text("utf-8"))["guesses"] == {}


# ---- the card, the questions, the answers to the book's


def test_eight_questions_with_pictures_and_answers():
    page = remembered.month_later()
    assert page.count("<section>") == page.count("<details>") == 8
    assert page.count("<img") >= 8
    assert "{" not in re.sub(r"<style>.*?</style>", "", page, flags=re.DOTALL)
    assert not re.search(r"""<img[^>]*alt=(''|"")""", page)
    for part in page.split("<section>")[1:]:
        before, answer = part.split("<details>")
        assert "<img" in before
        assert "<summary>Answer</summary><p>" in answer


def test_the_row_of_the_question_is_the_crops_alone():
    """No other recipe has nearly these accuracies, or the question had two answers."""
    experiment = results("drinks_matrix")["runs"]
    splits = ["light/2500", "reflections", "viewpoint", "turned"]

    def row(recipe):
        runs = [
            r["accuracy"] for r in experiment if [r["trained_on"], r["recipe"]] == ["lab", recipe]
        ]
        return [statistics.mean(run[split] for run in runs) for split in splits]

    crop = row("crop")
    for recipe in ("flip", "color jitter", "color temperature", "reflections", "all"):
        assert max(abs(a - b) for a, b in zip(crop, row(recipe), strict=True)) > 0.1


def test_the_card_asks_four_questions(tmp_path):
    card, _ = remembered.write(tmp_path)
    text = card.read_text("utf-8")
    for words in ("What will change?", "What imitates it?", "label still true?", "test will tell?"):
        assert words in text
    printed = tmp_path / "card.pdf"
    if printed.exists():
        assert len(re.findall(rb"/Type\s*/Page\b(?!s)", printed.read_bytes())) == 1


def test_the_answers_to_the_book_are_the_measured_ones():
    page = (LESSONS["01"].parent / "D2L_14_1.md").read_text("utf-8")
    runs = results("cifar10")["runs"]

    def means(part, recipe, epochs, *keys):
        found = [r for r in runs if [r["part"], r["recipe"], r["epochs"]] == [part, recipe, epochs]]
        return [statistics.mean(run[key] for run in found) for key in keys]

    rows = re.findall(
        r"^\| \w.* \| (\d\.\d{3}) \| (\d\.\d{3}) \| (\d\.\d{3}) \|$", page, re.MULTILINE
    )
    test = {}
    for row, recipe in zip(rows, ("none", "flip", "flip + crop", "all"), strict=True):
        train, test[recipe] = means("gap", recipe, 15, "train", "test")
        assert row == tuple(f"{x:.3f}" for x in (train, test[recipe], train - test[recipe]))
    assert f"by {test['flip + crop'] - test['flip']:.3f}, which is large" in page
    assert f"adds {test['all'] - test['flip + crop']:.3f}: no finding" in page
    (without,), (crops,) = (
        means(*run, "test")
        for run in (("ablation", "without crops", 7), ("time", "flip + crop", 7))
    )
    assert f"is {crops:.3f} with crops and {without:.3f} without" in page
    assert f"crops reach {means('time', 'flip + crop', 18, 'test')[0]:.3f}" in page
    from torchvision.transforms import v2

    names = re.findall(r"`([A-Z]\w+)`", page)
    assert len(names) > 25
    assert [name for name in names if not hasattr(v2, name)] == []


@pytest.mark.parametrize("name", ["TUTORIAL.md", "D2L_14_1.md"])
def test_links_lead_somewhere(name):
    page = LESSONS["01"].parent / name
    text = page.read_text("utf-8")
    for link in re.findall(r"\]\((?!https?:|#)([^)]+)\)", text):
        assert (page.parent / Path(link)).exists(), link
