"""Writing results: the old file or the new one, never half of one, and nothing left behind."""

import errno
import os
from pathlib import Path

import pytest

from signalopt.errors import StorageError
from signalopt.io.files import new_folder, require_writable, write_text


def names(folder):
    return sorted(p.name for p in folder.iterdir())


def test_text_is_written_whole(tmp_path):
    path = tmp_path / "plan.json"
    write_text(path, "grün\n")
    assert path.read_bytes() == "grün\n".encode()
    write_text(path, "new")
    assert path.read_text() == "new"
    assert names(tmp_path) == ["plan.json"]
    assert path.stat().st_mode & 0o777 == 0o644


@pytest.mark.parametrize("broken", ["fsync", "replace"])
def test_old_file_stays_if_the_disk_fails(tmp_path, monkeypatch, broken):
    path = tmp_path / "plan.json"
    path.write_text("old")

    def fail(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(*{"fsync": (os, "fsync"), "replace": (Path, "replace")}[broken], fail)
    with pytest.raises(StorageError) as caught:
        write_text(path, "new")
    assert str(caught.value) == (
        f"{path} cannot be written (No space left on device); choose another place"
    )
    assert path.read_text() == "old"
    assert names(tmp_path) == ["plan.json"]


@pytest.mark.parametrize("error", [UnicodeEncodeError, KeyboardInterrupt])
def test_nothing_is_left_behind_whatever_happens(tmp_path, monkeypatch, error):
    path = tmp_path / "plan.json"
    if error is KeyboardInterrupt:

        def stop(*_):
            raise KeyboardInterrupt

        monkeypatch.setattr(os, "fsync", stop)
    with pytest.raises(error):
        write_text(path, "\ud800" if error is UnicodeEncodeError else "new")
    assert names(tmp_path) == []


def test_text_below_a_file(tmp_path):
    (tmp_path / "file").write_text("x")
    path = tmp_path / "file" / "plan.json"
    with pytest.raises(StorageError) as caught:
        write_text(path, "new")
    assert str(caught.value) == f"{path} cannot be written (Not a directory); choose another place"


def test_text_in_a_missing_folder(tmp_path):
    path = tmp_path / "nowhere" / "plan.json"
    with pytest.raises(StorageError, match="No such file or directory"):
        write_text(path, "new")


def test_folder_appears_when_it_is_full(tmp_path):
    path = tmp_path / "deep" / "run"
    with new_folder(path) as part:
        (part / "summary.json").write_text("{}")
        assert not path.exists()
        assert part.parent == path.parent
    assert names(path) == ["summary.json"]
    assert names(path.parent) == ["run"]
    assert path.stat().st_mode & 0o777 == 0o755


def earlier_run(path):
    path.mkdir()
    (path / "summary.json").write_text("old")
    return path


@pytest.mark.parametrize("error", [RuntimeError, KeyboardInterrupt])
def test_folder_of_an_interrupted_run_does_not_appear(tmp_path, error):
    def run(path):
        with new_folder(path) as part:
            (part / "half").write_text("x")
            raise error

    with pytest.raises(error):
        run(tmp_path / "run")
    assert names(tmp_path) == []
    with pytest.raises(error):
        run(earlier_run(tmp_path / "run"))
    assert (tmp_path / "run" / "summary.json").read_text() == "old"
    assert names(tmp_path) == ["run"]


def test_earlier_run_is_replaced(tmp_path):
    path = earlier_run(tmp_path / "run")
    with new_folder(path) as part:
        (part / "summary.json").write_text("new")
    assert (path / "summary.json").read_text() == "new"
    assert names(tmp_path) == ["run"]


def test_earlier_run_stays_if_it_cannot_be_replaced(tmp_path, monkeypatch):
    path = earlier_run(tmp_path / "run")
    move = Path.replace

    def fail_for_the_new(self, target):
        if Path(target) == path and "old" not in self.name:
            raise OSError(28, "No space left on device")
        return move(self, target)

    monkeypatch.setattr(Path, "replace", fail_for_the_new)
    with pytest.raises(StorageError, match="No space left on device"), new_folder(path) as part:
        (part / "summary.json").write_text("new")
    assert (path / "summary.json").read_text() == "old"
    assert names(tmp_path) == ["run"]


def test_empty_folder_is_taken(tmp_path):
    (tmp_path / "run").mkdir()
    with new_folder(tmp_path / "run") as part:
        (part / "a").write_text("x")
    assert names(tmp_path / "run") == ["a"]


def below_a_file(folder):
    (folder / "file").write_text("x")
    path = folder / "file" / "run"
    return path, f"{path} cannot be written ({folder / 'file'} is not writable); choose another"


def a_file(folder):
    path = folder / "file"
    path.write_text("x")
    return path, f"{path} is a file; name a folder for the results"


def other_things(folder):
    path = folder / "home"
    path.mkdir()
    (path / "thesis.tex").write_text("x")
    return path, f"{path} is not empty and holds no earlier run; choose an empty or new folder"


@pytest.mark.parametrize("place", [below_a_file, a_file, other_things])
def test_places_for_a_run_are_refused_early(tmp_path, place):
    path, message = place(tmp_path)
    for use in (require_writable, lambda p: new_folder(p).__enter__()):
        with pytest.raises(StorageError) as caught:
            use(path)
        assert str(caught.value) == message
    assert caught.value.exit_code == 8
    assert len(names(tmp_path)) == 1


def test_folder_without_permission(tmp_path, monkeypatch):
    def refuse(*_):
        raise OSError(errno.EROFS, "Read-only file system")

    monkeypatch.setattr(os, "mkdir", refuse)
    path = tmp_path / "deep" / "run"
    with pytest.raises(StorageError) as caught:
        require_writable(path)
    assert str(caught.value) == (
        f"{path} cannot be written ({tmp_path} is not writable); choose another"
    )


def test_good_places_pass(tmp_path, monkeypatch):
    require_writable(tmp_path / "new" / "run")
    require_writable(earlier_run(tmp_path / "old"))
    monkeypatch.chdir(tmp_path)
    require_writable(Path("relative"))
    assert names(tmp_path) == ["old"]


def test_name_too_long(tmp_path):
    with pytest.raises(StorageError, match="File name too long"):
        require_writable(tmp_path / ("x" * 300))
