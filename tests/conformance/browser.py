"""A browser as far as logins need one: it opens the emulator's page and presses a button."""

import html
import json
import re
import urllib.error
import urllib.parse
import urllib.request

from check import emulator


class Stay(urllib.request.HTTPRedirectHandler):
    """Does not follow the redirect back to the application."""

    def redirect_request(self, *_):
        return None


def value(page, name):
    return html.unescape(re.search(rf'name="{name}" value="([^"]*)"', page).group(1))


def answer(url, decision="allow", who=None, mfa=False):
    """Opens the login page and presses a button; gives the address that the browser is sent to.

    `who` is the username of the identity to be chosen, by default the first."""
    browser = urllib.request.build_opener(Stay)
    page = browser.open(url).read().decode()
    lines = [line for line in page.split("<label>") if who is not None and f"({who}" in line]
    assert who is None or len(lines) == 1, f"{who} cannot be chosen"
    form = {
        "request": value(page, "request"),
        "identity": value(lines[0] if lines else page, "identity"),
        "decision": decision,
        **({"mfa": "yes"} if mfa else {}),
    }
    target = urllib.parse.urljoin(url.split("?")[0], "authorize")
    try:
        browser.open(target, urllib.parse.urlencode(form).encode())
    except urllib.error.HTTPError as redirect:
        assert redirect.code == 302, redirect.code
        return redirect.headers["Location"]
    raise AssertionError("the browser was not sent back")


def press_allow(url, **choice):
    """Presses Allow; gives the parameters that the browser comes back with."""
    return dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(answer(url, **choice)).query))


def shown_code(url, **choice):
    """Presses Allow, follows to the page that shows the code, and copies it from there."""
    page = urllib.request.urlopen(answer(url, **choice)).read().decode()
    return re.search(r'<code id="code">([^<]*)</code>', page).group(1)


def control(path, document, method="POST"):
    """Asks something of the emulator itself."""
    base = emulator()["services"]["auth"].removesuffix("auth/")
    request = urllib.request.Request(
        f"{base}_emulator/{path}",
        json.dumps(document).encode(),
        {"Content-Type": "application/json"},
        method=method,
    )
    return json.load(urllib.request.urlopen(request))
