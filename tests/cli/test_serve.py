"""``signalopt serve``: starts, answers who has the token, and says what it lacks."""

import importlib
import signal
import socket
import urllib.error
import urllib.request

import pytest

from signalopt.errors import InputError


def test_it_prints_an_address_that_answers_with_the_token_only(begin, street):
    process = begin("serve", street, "--no-open", "--workers", 1)
    try:
        address = process.stdout.readline().removeprefix("Workbench: ").strip()
        assert address.startswith("http://127.0.0.1:")
        opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor())
        with opener.open(address, timeout=30) as answer:
            assert answer.status == 200
            assert b"signalopt" in answer.read()
        with pytest.raises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(address.partition("?")[0], timeout=30)
        assert refused.value.code == 403
        refused.value.close()
    finally:
        process.send_signal(signal.SIGINT)
        out, _ = process.communicate(timeout=60)
    assert process.returncode == 0
    assert out == ""


def test_a_port_in_use_is_said_so(invoke, street):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        done = invoke("serve", street, "--no-open", "--port", taken.getsockname()[1])
    assert isinstance(done.exception, InputError)
    assert "name another with --port" in str(done.exception)


def test_a_missing_extra_is_named(invoke, street, monkeypatch):
    def without(name, *rest):
        if name.startswith("signalopt.workbench"):
            raise ModuleNotFoundError("No module named 'dash'", name="dash")
        return real(name, *rest)

    real = importlib.import_module
    monkeypatch.setattr(importlib, "import_module", without)
    done = invoke("serve", street, "--no-open")
    assert isinstance(done.exception, InputError)
    assert "needs dash" in str(done.exception)
    assert "pip install 'signalopt[workbench]'" in str(done.exception)


def test_a_scenario_that_is_not_there(invoke, tmp_path):
    done = invoke("serve", tmp_path / "none", "--no-open")
    assert isinstance(done.exception, InputError)
