"""What runs a service: image, compose, systemd, Kubernetes and dashboard, checked as far as that goes without running them."""

import json
import re
import shutil
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import msgspec
import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families

from scripts.image_lock import BUILD, INDEXING, LEFT_OUT, build_lock, indexing_lock, serving_lock
from service.settings import PREFIX, Settings, read_settings
from service.telemetry import Metrics

ROOT = Path(__file__).parents[1]
CONTAINERFILE = (ROOT / "Containerfile").read_text(encoding="utf-8")
UNIT = (ROOT / "deploy" / "ibid.service").read_text(encoding="utf-8")
COMPOSE = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))
KUBERNETES = list(yaml.safe_load_all((ROOT / "deploy" / "kubernetes.yaml").read_text(encoding="utf-8")))
DASHBOARD = json.loads((ROOT / "deploy" / "grafana.json").read_text(encoding="utf-8"))
LOCK = (ROOT / "requirements" / "run.lock").read_text(encoding="utf-8")
OTHERS = {"IBID_KEY", "IBID_SESSION_SECRET"}
"""Variables that are no settings."""


def names(lock: str) -> set[str]:
    return set(re.findall(r"^([a-z0-9][a-z0-9.-]*)==", lock, flags=re.MULTILINE))


def resource(kind: str) -> Any:
    (found,) = [each for each in KUBERNETES if each["kind"] == kind]
    return found


# The lock of an image that serves.


def test_serving_needs_no_torch_no_model_and_nothing_that_only_these_need() -> None:
    kept = names(serving_lock(LOCK))

    assert kept & {"torch", "transformers", "scipy", "scikit-learn", *LEFT_OUT, *INDEXING} == set()
    assert {"faiss-cpu", "onnxruntime", "tokenizers", "litestar", "uvicorn", "mcp", "openai", "numpy"} <= kept


def test_entries_are_kept_whole_with_their_hashes_and_for_every_python() -> None:
    kept = serving_lock(LOCK)

    assert len(re.findall(r"^numpy==", kept, flags=re.MULTILINE)) == len(re.findall(r"^numpy==", LOCK, flags=re.MULTILINE))
    assert all("--hash=sha256:" in entry for entry in re.split(r"^(?=[a-z0-9])", kept, flags=re.MULTILINE)[1:])


def test_what_ibid_names_and_serving_does_not_leave_out_is_kept() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    declared = {re.split(r"[<>=;\[]", each)[0].strip() for each in project["project"]["dependencies"]}

    assert declared - LEFT_OUT - INDEXING - {"torch"} <= names(serving_lock(LOCK))


def test_indexing_adds_the_model_and_the_readers_of_files_and_no_torch() -> None:
    more = names(indexing_lock(LOCK)) - names(serving_lock(LOCK))

    assert {*INDEXING, "ml-dtypes"} == more


def test_the_wheel_is_built_from_the_lock() -> None:
    assert {*BUILD, "pathspec", "pluggy"} <= names(build_lock(LOCK))
    assert "numpy" not in names(build_lock(LOCK))


# The image.


def test_the_image_copies_only_what_is_there_and_not_ignored() -> None:
    sources = [
        name for line in re.findall(r"^COPY (?!--from)(.+)$", CONTAINERFILE, flags=re.MULTILINE) for name in line.split()[:-1]
    ]
    allowed = {line[1:] for line in (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines() if line.startswith("!")}

    assert len(sources) > 8
    assert [name for name in sources if not (ROOT / name).exists()] == []
    assert set(sources) == allowed


def test_the_image_installs_from_the_lock_alone_and_runs_as_nobody_else() -> None:
    installs = re.findall(r"pip (?:--python \S+ )?install ([^\n\\]+)", CONTAINERFILE)

    assert len(installs) == 8
    assert [each for each in installs if "--no-deps" not in each] == []
    assert [each for each in installs if "--require-hashes" not in each and "/dist/" not in each and "TORCH" not in each] == []
    stages = re.findall(r"^FROM \S+ AS (\S+)", CONTAINERFILE, flags=re.MULTILINE)
    assert stages[-4:] == ["base", "full", "indexing", "serving"]
    assert "\nUSER 10001:10001\n" in CONTAINERFILE.partition(" AS base\n")[2]


def test_torch_in_the_image_is_that_of_the_makefile() -> None:
    pinned = re.findall(r"^ARG TORCH=([\d.]+)", CONTAINERFILE, flags=re.MULTILINE)

    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert pinned == re.findall(r"^TORCH \?= torch==([\d.]+)", makefile, flags=re.MULTILINE)


def test_hadolint_has_nothing_to_say() -> None:
    if not (hadolint := shutil.which("hadolint")):
        pytest.skip("hadolint is not installed")
    command = [hadolint, "--failure-threshold", "warning", str(ROOT / "Containerfile")]
    told = subprocess.run(command, capture_output=True, text=True, check=False)

    assert (told.returncode, told.stdout) == (0, "")


# Settings, wherever they are named.


def test_every_variable_that_is_set_is_a_setting() -> None:
    text = CONTAINERFILE + UNIT + json.dumps(COMPOSE) + json.dumps(KUBERNETES)
    known = {PREFIX + field.name.upper() for field in msgspec.structs.fields(Settings)}
    named = set(re.findall(r"\bIBID_[A-Z_]+", text))

    assert len(named) > 4
    assert named - known - OTHERS == set()


def test_the_settings_of_the_manifests_can_be_read(tmp_path: Path) -> None:
    file = tmp_path / "ibid.toml"
    file.write_text(resource("ConfigMap")["data"]["ibid.toml"], encoding="utf-8")
    compose = {name: value for name, value in COMPOSE["services"]["ibid"]["environment"].items() if name not in OTHERS}

    assert read_settings({}, file).hosts == ("ibid", "ibid:8000")
    assert read_settings(compose, file).hosts == ("ibid:8000",)


# Compose.


def test_every_service_of_ours_is_confined_and_its_target_exists() -> None:
    ours = [each for each in COMPOSE["services"].values() if "build" in each]

    assert {each["build"]["target"] for each in ours} == {"serving", "indexing"}
    assert all(each["read_only"] and each["cap_drop"] == ["ALL"] and "/tmp" in each["tmpfs"] for each in ours)


def test_the_chat_window_asks_ibid_by_a_name_that_ibid_answers_to() -> None:
    address = COMPOSE["services"]["open-webui"]["environment"]["OPENAI_API_BASE_URL"]
    host = COMPOSE["services"]["ibid"]["environment"]["IBID_HOSTS"]

    assert address == f"http://{host}/v1"


def test_nothing_is_published_beyond_this_machine() -> None:
    ports = [port for each in COMPOSE["services"].values() for port in each.get("ports", [])]

    assert len(ports) == 2
    assert all(port.startswith("127.0.0.1:") for port in ports)


# systemd.


def test_systemd_finds_nothing_wrong_with_the_unit(tmp_path: Path) -> None:
    if not (analyze := shutil.which("systemd-analyze")):
        pytest.skip("systemd-analyze is not installed")
    program = shutil.which("true")
    copy = tmp_path / "ibid.service"
    copy.write_text(UNIT.replace("/opt/ibid/bin/ibid", str(program)), encoding="utf-8")  # it looks for the program
    told = subprocess.run([analyze, "verify", str(copy)], capture_output=True, text=True, check=False)

    assert (told.returncode, told.stderr) == (0, "")


def test_the_unit_stops_no_sooner_than_the_service() -> None:
    (stop,) = re.findall(r"^TimeoutStopSec=(\d+)$", UNIT, flags=re.MULTILINE)

    assert int(stop) > Settings().shutdown_seconds
    assert resource("Deployment")["spec"]["template"]["spec"]["terminationGracePeriodSeconds"] > Settings().shutdown_seconds


# Kubernetes.


def test_the_manifest_is_valid() -> None:
    validate = pytest.importorskip("kubernetes_validate", reason="kubernetes-validate is not installed")

    for each in KUBERNETES:
        validate.validate(each, validate.latest_version(), strict=True)


def test_the_parts_of_the_manifest_belong_together() -> None:
    pod = resource("Deployment")["spec"]["template"]
    (container,) = pod["spec"]["containers"]
    (port,) = resource("Service")["spec"]["ports"]

    assert pod["metadata"]["labels"] == resource("Service")["spec"]["selector"]
    assert pod["metadata"]["labels"] == resource("Deployment")["spec"]["selector"]["matchLabels"]
    assert port["targetPort"] in {each["name"] for each in container["ports"]}
    assert {each["name"] for each in container["volumeMounts"]} == {each["name"] for each in pod["spec"]["volumes"]}
    named = {each["name"]: each for each in pod["spec"]["volumes"]}
    assert named["index"]["persistentVolumeClaim"]["claimName"] == resource("PersistentVolumeClaim")["metadata"]["name"]
    assert named["settings"]["configMap"]["name"] == resource("ConfigMap")["metadata"]["name"]


def test_the_pod_is_confined_and_the_service_sets_no_variables_in_it() -> None:
    pod = resource("Deployment")["spec"]["template"]["spec"]
    (container,) = pod["containers"]

    assert pod["enableServiceLinks"] is False  # a Service called ibid would set IBID_PORT=tcp://…
    assert pod["securityContext"]["runAsNonRoot"] is True
    assert pod["securityContext"]["runAsUser"] == 10001
    assert container["securityContext"]["readOnlyRootFilesystem"] is True
    assert container["securityContext"]["capabilities"] == {"drop": ["ALL"]}


# Grafana.


def exported() -> dict[str, set[str]]:
    """The labels of each series that a service exports once everything has happened in it, by name."""
    metrics = Metrics()
    metrics.request("GET", "/", 200, 0.1)
    metrics.question("answered", {"search": 0.1})
    metrics.reload_failure("IndexDamaged")
    found: dict[str, set[str]] = {}
    for family in text_string_to_metric_families(metrics.text().decode()):
        for sample in family.samples:
            found.setdefault(sample.name, set()).update(sample.labels)
    return found


def expressions() -> list[str]:
    return [target["expr"] for panel in DASHBOARD["panels"] for target in panel["targets"]]


def test_every_figure_of_the_dashboard_is_one_that_the_service_exports() -> None:
    known = exported()
    named = {name for each in expressions() for name in re.findall(r"\bibid_\w+", each)}
    queries = [each.get("definition", "") for each in DASHBOARD["templating"]["list"]]

    assert len(named) >= 5
    assert named | {name for each in queries for name in re.findall(r"\bibid_\w+", each)} <= known.keys()
    stems = {re.sub(r"_(bucket|count|sum|created|total)$", "", name) for name in known}
    assert {re.sub(r"_(bucket|total)$", "", name) for name in named} == stems  # and none is forgotten


def test_every_label_of_the_dashboard_is_one_that_its_figure_has() -> None:
    known = exported()
    for each in expressions():
        series = re.findall(r"\b(ibid_\w+)\{([^}]*)\}", each)
        labels = set.intersection(*(known[name] for name, _ in series)) | {"job"}
        used = {label for _, matchers in series for label in re.findall(r"(\w+)=~?\"", matchers)}
        grouped = {label.strip() for group in re.findall(r"by \(([^)]*)\)", each) for label in group.split(",")}

        assert used | grouped <= labels, each


def test_the_panels_of_the_dashboard_stand_side_by_side() -> None:
    panels = DASHBOARD["panels"]
    cells = [
        (x, y)
        for place in (panel["gridPos"] for panel in panels)
        for x in range(place["x"], place["x"] + place["w"])
        for y in range(place["y"], place["y"] + place["h"])
    ]

    assert len(cells) == len(set(cells))
    assert max(x for x, _ in cells) < 24
    assert len({panel["id"] for panel in panels}) == len(panels)
    assert all(panel["datasource"]["uid"] == "${datasource}" for panel in panels)
