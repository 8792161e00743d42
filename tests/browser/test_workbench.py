"""The workbench as an analyst uses it: with the mouse, the keyboard, and again after a reload."""

import itertools
import json

WAIT_MS = 300_000


def offset_of(page):
    return int(page.locator("#shows-offset-0").inner_text().removesuffix(" s"))


def drag(page, name, share):
    """Drag a slider to a share of its length, in steps as a hand does."""
    box = page.locator(f"#{name}").bounding_box()
    y = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + 8, y)
    page.mouse.down()
    page.mouse.move(box["x"] + share * box["width"], y, steps=12)
    page.mouse.up()


def test_the_token_leaves_the_address(page):
    assert "token" not in page.url
    assert page.evaluate("document.cookie") == ""


def test_dragging_an_offset_changes_the_delay_and_the_picture(page):
    delay = page.locator("#tile-delay")
    before, lines = delay.inner_text(), page.locator("#time-space .scatterlayer").inner_html()
    drag(page, "control-offset-0", 0.6)
    page.wait_for_function(
        "before => document.querySelector('#tile-delay').innerText !== before", arg=before
    )
    page.wait_for_function(
        "before => document.querySelector('#time-space .scatterlayer').innerHTML !== before",
        arg=lines,
    )
    # The last position is the one that stays, whatever was answered on the way.
    page.wait_for_function(
        "() => Number(document.querySelector('#control-offset-0').value)"
        " === parseInt(document.querySelector('#shows-offset-0').innerText)"
    )
    page.wait_for_function(
        "() => parseInt(document.querySelector('#shows-offset-0').innerText) > 30"
    )
    assert offset_of(page) < 75


def test_the_curve_over_the_offset_becomes_whole_while_the_hand_rests(page):
    words = page.locator("#offsets-words")
    page.wait_for_function(
        "() => /of J1: least [0-9.]+ s/.test(document.querySelector('#offsets-words').innerText)"
    )
    best_s = int(words.inner_text().rpartition(" at ")[2].removesuffix(" s."))
    least = float(words.inner_text().partition("least ")[2].split()[0])
    slider = page.locator("#control-offset-0")
    slider.fill(str(best_s))
    page.wait_for_function(
        "least => document.querySelector('#tile-delay').innerText === least", arg=f"{least:.1f}"
    )


def test_a_split_takes_from_another_and_undo_brings_it_back(page):
    shown = [page.locator(f"#shows-split-{k}") for k in (0, 1)]
    before = [one.inner_text() for one in shown]
    page.locator("#control-split-0").focus()
    page.keyboard.press("ArrowLeft")
    page.wait_for_function(
        "before => document.querySelector('#shows-split-1').innerText !== before", arg=before[1]
    )
    assert shown[0].inner_text() != before[0]
    page.wait_for_selector("#undo:enabled")
    page.keyboard.press("Control+z")
    page.wait_for_function(
        "before => document.querySelector('#shows-split-1').innerText === before", arg=before[1]
    )
    assert [one.inner_text() for one in shown] == before


def test_what_is_locked_cannot_be_moved(page):
    page.get_by_role("checkbox", name="Offset", exact=True).check()
    page.wait_for_selector("#control-offset-0:disabled")
    page.get_by_role("checkbox", name="Offset", exact=True).uncheck()
    page.wait_for_selector("#control-offset-0:enabled")


def test_optimise_compare_export_and_reload(page, tmp_path):
    drag(page, "control-offset-0", 0.5)
    page.wait_for_selector("#undo:enabled")
    page.locator("#seconds").fill("1")
    page.locator("#start").click()
    page.wait_for_selector("#progress progress", timeout=WAIT_MS)
    page.wait_for_selector("#progress :text('Finished')", timeout=WAIT_MS)
    row = page.locator("#compare tr", has_text="Run 1")
    assert "roven" in row.inner_text()
    before = page.locator("#timing").inner_text()
    row.get_by_role("button").click()
    page.wait_for_function(
        "before => document.querySelector('#timing').innerText !== before", arg=before
    )
    with page.expect_download() as caught:
        page.get_by_role("link", name="Plan (JSON)").click()
    file = tmp_path / "plan.json"
    caught.value.save_as(file)
    assert f'"offset_s": {offset_of(page)}' in json.dumps(json.loads(file.read_text()))
    shown = page.locator("#timing").inner_text(), page.locator("#tile-delay").inner_text()
    page.reload()
    page.wait_for_selector("#map .main-svg")
    assert (page.locator("#timing").inner_text(), page.locator("#tile-delay").inner_text()) == shown
    assert page.locator("#compare tr", has_text="Run 1").count() == 1


def test_nothing_is_wider_than_the_page(page):
    for width, scheme in itertools.product((1280, 390), ("light", "dark")):
        page.emulate_media(color_scheme=scheme)
        page.set_viewport_size({"width": width, "height": 844})
        page.wait_for_timeout(500)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, (width, scheme)


def test_another_site_learns_nothing(browser, address):
    """Even one that knows the port: neither by reading nor by sending."""
    context = browser.new_context()
    page = context.new_page()
    page.goto("data:text/html,<p>another site</p>")
    home = address.partition("?")[0]
    found = page.evaluate(
        "async home => { try { const r = await fetch(home + '_dash-layout');"
        " return r.status } catch (error) { return 'refused' } }",
        home,
    )
    assert found == "refused"
    assert page.goto(home).status == 403
    context.close()
