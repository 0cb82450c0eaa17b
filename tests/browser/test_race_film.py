"""The race in a browser: it plays once, stops and moves by keys; its still is for all others."""

import re

import pytest
from playwright.sync_api import expect

from d2laug.pages.race import race


@pytest.fixture(scope="module")
def url(tmp_path_factory):
    """The address of a page that has the film and nothing else."""
    path = tmp_path_factory.mktemp("race") / "race.html"
    head = "<!DOCTYPE html><html lang='en'><meta charset='utf-8'><title>The race</title>"
    head += "<meta name='color-scheme' content='light dark'><main><h1>The race</h1>"
    path.write_text(f"{head}{race().html()}</main>", "utf-8")
    return path.as_uri()


def test_it_plays_pauses_and_moves(url, new_page):
    page = new_page(url, width=390)
    button, slider = page.get_by_role("button"), page.get_by_role("slider", name="epoch")
    expect(button).to_have_text("Pause")
    expect(page.locator("output")).to_have_text(re.compile("epoch [3-9] of 24"))
    button.press("Space")
    expect(button).to_have_text("Play")
    time = slider.input_value()
    page.wait_for_timeout(1000)
    assert slider.input_value() == time
    slider.press("Home")
    assert page.locator("i.shown").count() == 0
    slider.press("End")
    ends = [f"{found['show'][-1]:.2f}" for found in race().curves.values()]
    assert all(end in slider.get_attribute("aria-valuetext") for end in ends)
    labels = " ".join(page.locator(".now").all_text_contents())
    assert re.findall(r"[01]\.\d\d", labels) == ends
    assert page.locator("i.shown").count() == 24
    dashes = "lines => lines.map((line) => getComputedStyle(line).strokeDasharray)"
    assert len(set(page.locator(".lab").evaluate_all(dashes))) == 2, "told apart by hue alone"
    places = page.locator("i").evaluate_all("all => all.map((i) => i.style.backgroundPosition)")
    assert len(set(places[:12])) == 1
    assert len(set(places[12:])) == 12
    assert page.get_by_role("img").get_attribute("aria-label") == race().alt
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_less_motion_is_the_still_until_it_is_played(url, chromium):
    context = chromium.new_context(reduced_motion="reduce", color_scheme="dark")
    page = context.new_page()
    page.goto(url)
    page.wait_for_timeout(1000)
    expect(page.locator("output")).to_have_text("epoch 24 of 24")
    page.get_by_role("button", name="Play").press("Enter")
    expect(page.locator("output")).to_have_text(re.compile("epoch [1-9] of 24"))
    context.close()


def test_without_scripts_the_still_is_there(url, chromium):
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(url)
    expect(page.get_by_role("img")).to_have_attribute("alt", race().alt)
    expect(page.locator("figcaption")).to_have_text(race().caption)
    context.close()


@pytest.mark.parametrize("color_scheme", ["light", "dark"])
def test_axe_finds_nothing(url, new_page, color_scheme):
    from axe_playwright_python.sync_playwright import Axe

    page = new_page(url, color_scheme=color_scheme)
    found = Axe().run(page).response["violations"]
    assert [(one["id"], one["impact"]) for one in found] == []
