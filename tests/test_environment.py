"""pyproject.toml, environment.yml, constraints.txt and the imports agree with each other."""

import ast
import itertools
import re
import shlex
import sys
import tomllib
from importlib.metadata import distributions

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name
from packaging.version import Version

from d2laug.cli import make_parser
from d2laug.cli.serve import MEMORY

IMPORT_NAMES = {
    "ipython": "IPython",
    "pillow": "PIL",
    "pillow-heif": "pillow_heif",
    "scikit-image": "skimage",
    "jupyter-client": "jupyter_client",
    "jupyter-core": "jupyter_core",
    "sphinx-revealjs": "sphinx_revealjs",
}
CONDA_NAMES = {
    "jupyter_client": "jupyter-client",
    "jupyter_core": "jupyter-core",
    "pytorch-cpu": "torch",
    "matplotlib-base": "matplotlib",
}


@pytest.fixture(scope="module")
def pyproject(project):
    return tomllib.loads((project / "pyproject.toml").read_text("utf-8"))


@pytest.fixture(scope="module")
def dependencies(pyproject):
    return [Requirement(line) for line in pyproject["project"]["dependencies"]]


@pytest.fixture(scope="module")
def conda(project):
    """The conda packages with their versions, and the list for pip."""
    listed = yaml.safe_load((project / "environment.yml").read_text("utf-8"))["dependencies"]
    packages = dict(re.match(r"([\w-]+)\s*(.*)", p).groups() for p in listed if isinstance(p, str))
    pip = next(p["pip"] for p in listed if isinstance(p, dict))
    return {CONDA_NAMES.get(name, name): version for name, version in packages.items()}, pip


@pytest.fixture(scope="module")
def constraints(project):
    return (project / "constraints.txt").read_text("utf-8").splitlines()


def imported(folder):
    """The third-party packages that the modules of a folder import, wherever in the file."""
    names = set()
    for path in folder.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Import):
                names |= {alias.name.split(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and not node.level:
                names.add(node.module.split(".")[0])
            elif isinstance(node, ast.Call) and "find_spec" in ast.unparse(node.func):
                names.add(ast.literal_eval(node.args[0]))
    return names - set(sys.stdlib_module_names) - {"d2laug"}


def test_dependencies_are_what_the_package_imports(project, pyproject, dependencies):
    lecture = map(Requirement, pyproject["project"]["optional-dependencies"]["lecture"])
    listed = {IMPORT_NAMES.get(d.name, d.name) for d in [*dependencies, *lecture]}
    assert listed == imported(project / "d2laug")


def test_dependencies_have_floors_and_no_pins(dependencies):
    for dependency in dependencies:
        operators = {specifier.operator for specifier in dependency.specifier}
        assert ">=" in operators, dependency
        assert operators <= {">=", "!="}, dependency


def test_conda_covers_the_dependencies_with_the_same_floors(dependencies, conda):
    packages, _ = conda
    for dependency in dependencies:
        assert dependency.name in packages
        assert SpecifierSet(packages[dependency.name]) == dependency.specifier


def test_no_package_in_both_lists(conda):
    """pip gets the course itself and nothing else: two copies of torch or numpy do not mix."""
    packages, pip = conda
    assert pip == ["-e ."]
    assert "pip" in packages
    assert "d2laug" not in packages


def test_conda_names_one_python_that_the_package_allows(pyproject, conda):
    version = re.fullmatch(r"=(3\.\d+)", conda[0]["python"])[1]
    assert Version(version) in SpecifierSet(pyproject["project"]["requires-python"])


def test_constraints_are_exact_and_allowed(pyproject, constraints):
    """name==version lines only, and versions that pyproject.toml allows."""
    versions = {}
    for line in constraints:
        match = re.fullmatch(r"([A-Za-z0-9._-]+)==([0-9][\w.!]*)", line)
        assert match, line
        versions[canonicalize_name(match[1])] = Version(match[2])
    extras = pyproject["project"]["optional-dependencies"]
    lists = [pyproject["project"]["dependencies"]]
    # what .test-ready installs
    lists += [extras[name] for name in ("test", "render", "lecture")]
    for requirement in map(Requirement, itertools.chain(*lists)):
        assert versions[canonicalize_name(requirement.name)] in requirement.specifier, requirement


def test_what_is_installed_suits_the_oldest_python_that_is_allowed(pyproject):
    """Of a Python 3.11, as that of Debian 12, not its newest patch alone."""
    oldest = re.fullmatch(r">=(3\.\d+)", pyproject["project"]["requires-python"])[1]
    asked = {one.name: one.metadata["Requires-Python"] or "" for one in distributions()}
    assert {k: v for k, v in asked.items() if f"{oldest}.0" not in SpecifierSet(v)} == {}


def test_the_linter_is_the_same_everywhere(project, pyproject, constraints):
    pins = [
        r for r in pyproject["project"]["optional-dependencies"]["test"] if r.startswith("ruff")
    ]
    version = pins[0].removeprefix("ruff==")
    assert f"ruff=={version}" in constraints
    hooks = yaml.safe_load((project / ".pre-commit-config.yaml").read_text("utf-8"))["repos"]
    revisions = {hook["repo"].rsplit("/", 1)[-1]: hook["rev"] for hook in hooks}
    assert revisions["ruff-pre-commit"] == f"v{version}"


def test_runners_ask_for_pythons_that_the_package_allows(project, pyproject):
    text = (project / ".github" / "workflows" / "tests.yml").read_text("utf-8")
    matrix = yaml.safe_load(text)["jobs"]["test"]["strategy"]["matrix"]
    allowed = SpecifierSet(pyproject["project"]["requires-python"])
    assert len(matrix["os"]) == 3
    assert [python for python in matrix["python"] if Version(python) not in allowed] == []
    assert Version(min(matrix["python"])) == Version(str(allowed).removeprefix(">="))


def test_the_hub_opens_what_it_has_copied(project):
    values = yaml.safe_load((project / "tools" / "hub" / "values.yaml").read_text("utf-8"))
    learner = values["singleuser"]
    command = learner["lifecycleHooks"]["postStart"]["exec"]["command"]
    assert command[:2] == ["sh", "-c"]
    command = shlex.split(command[2].removesuffix(" || true"))
    folder = command[-1].removeprefix("/home/jovyan/")
    opened = learner["defaultUrl"].removeprefix(f"/lab/tree/{folder}/")
    assert (project / "notebooks" / opened).exists()
    assert make_parser().parse_args(command[1:]).no_open


def test_the_hub_keeps_memory_as_the_lab_does(project):
    recipe = (project / "tools" / "hub" / "Dockerfile").read_text("utf-8")
    assert dict(re.findall(r"(MALLOC_\w+)=(\d+)", recipe)) == MEMORY
