"""Settings: where they come from, which win, and what is refused."""

from pathlib import Path

import pytest

from rag.errors import SettingInvalid
from service.settings import Settings, read_settings, variables


def test_defaults_hold_where_nothing_is_said() -> None:
    assert read_settings({}, None) == Settings()


def test_a_variable_wins_over_the_file(tmp_path: Path) -> None:
    file = tmp_path / "ibid.toml"
    file.write_text("port = 1234\nlimit = 7\n")

    settings = read_settings({"IBID_PORT": "4321"}, file)

    assert (settings.port, settings.limit) == (4321, 7)


def test_an_option_wins_over_a_variable() -> None:
    assert read_settings({"IBID_PORT": "4321"}, port=1).port == 1


def test_an_option_that_was_not_given_changes_nothing() -> None:
    assert read_settings({"IBID_PORT": "4321"}, port=None).port == 4321


def test_the_file_in_the_working_directory_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "ibid.toml").write_text('style = "mla"\n')
    monkeypatch.chdir(tmp_path)

    assert read_settings({}).style == "mla"


def test_a_variable_can_name_another_file(tmp_path: Path) -> None:
    file = tmp_path / "other.toml"
    file.write_text('home = "elsewhere"\n')

    assert read_settings({"IBID_CONFIG": str(file)}).home == Path("elsewhere")


def test_a_file_that_was_named_must_exist(tmp_path: Path) -> None:
    with pytest.raises(SettingInvalid, match="cannot be read"):
        read_settings({"IBID_CONFIG": str(tmp_path / "missing.toml")})


@pytest.mark.parametrize("text", ["port = ", "port = 80\nport = 81", "\ufeffport"])
def test_a_file_that_is_no_toml_is_refused(tmp_path: Path, text: str) -> None:
    file = tmp_path / "ibid.toml"
    file.write_text(text)

    with pytest.raises(SettingInvalid, match=r"ibid\.toml cannot be read"):
        read_settings({}, file)


def test_an_unknown_key_names_the_nearest_known_one(tmp_path: Path) -> None:
    file = tmp_path / "ibid.toml"
    file.write_text("prot = 8000\n")

    with pytest.raises(SettingInvalid, match=r"prot in .* is not a setting; .*did you mean port\?"):
        read_settings({}, file)


def test_an_unknown_variable_is_refused_too() -> None:
    with pytest.raises(SettingInvalid, match=r"IBID_HOEM is not a setting; .*did you mean home\?"):
        read_settings({"IBID_HOEM": "x"})


def test_variables_of_other_programs_are_none_of_ours() -> None:
    assert read_settings({"PORT": "9", "IBIDEM": "x"}) == Settings()


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("IBID_PORT", "eighty"),
        ("IBID_PORT", "65536"),
        ("IBID_PORT", ""),
        ("IBID_WORKERS", "0"),
        ("IBID_LIMIT", "51"),
        ("IBID_LOG_LEVEL", "loud"),
        ("IBID_LOG_QUESTIONS", "perhaps"),
        ("IBID_BASE_URL", "ibid.example.org"),
        ("IBID_REFRESH_SECONDS", "-1"),
    ],
)
def test_a_value_a_setting_does_not_take_is_refused(name: str, text: str) -> None:
    with pytest.raises(SettingInvalid) as refused:
        read_settings({name: text})

    assert refused.value.remedy


def test_a_number_in_a_file_is_written_as_a_number(tmp_path: Path) -> None:
    file = tmp_path / "ibid.toml"
    file.write_text('port = "8000"\n')

    with pytest.raises(SettingInvalid, match="expected int, got str"):
        read_settings({}, file)


def test_a_list_in_a_variable_is_separated_by_commas() -> None:
    assert read_settings({"IBID_CORS_ORIGINS": "https://a.example, https://b.example"}).cors_origins == (
        "https://a.example",
        "https://b.example",
    )


def test_settings_survive_the_way_to_another_process() -> None:
    settings = Settings(home=Path("/x"), port=1, cors_origins=("a", "b"), log_questions=True, refresh_seconds=0.5)

    assert read_settings(variables(settings)) == settings
