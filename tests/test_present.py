"""For a lecture hall: one switch makes everything large, folds the code and fits a picture and its sliders on one screen.

Here on the site's pages; in JupyterLab: `test_browser.py`.
"""

import pytest
from built import Opened

pytestmark = pytest.mark.browser
SIZES = [(1280, 720), (1920, 1080)]


def test_on_the_site(site, browser):
    opened = Opened(browser, site, "read/zh/07_trained_model.html", asleep=True)
    page, root = opened.page, "document.documentElement.classList.contains('presenting')"
    page.get_by_role("button", name="投影").click()
    assert page.evaluate(root)
    for width, height in SIZES:
        page.set_viewport_size({"width": width, "height": height})
        for figure in page.locator("figure.live").all():
            figure.evaluate("figure => figure.scrollIntoView({block: 'start'})")
            box = figure.bounding_box()
            assert box["y"] > -2 and box["y"] + box["height"] < height + 1, f"does not fit one screen: {figure.inner_text()}"
            assert not figure.locator("xpath=..").locator("details").first.is_visible()
    page.goto(site.url + "read/zh/03_rope.html")
    assert page.evaluate(root), "the next page presents too"
    page.keyboard.press("Escape")
    assert not page.evaluate(root)
    assert opened.complaints == []
    opened.context.close()
