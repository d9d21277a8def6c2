"""What the commands about the organization as code say before a long reading."""

from __future__ import annotations

import pytest

from openai_admin.cli.org_progress import observing
from openai_admin.cli.progress import Progress
from openai_admin.organization.observing.forecast import Forecast
from openai_admin.organization.observing.forecast import Progress as Observed

MANY = Forecast(by_endpoint={"/a": 171, "/b": 4})


def test_how_long_it_takes_is_said_once(capsys: pytest.CaptureFixture[str]) -> None:
    tell = observing(Progress("Reading"), demo=False)
    tell(Observed(done=0, forecast=Forecast(by_endpoint={"/a": 3})))
    assert capsys.readouterr().err == ""
    for done in (0, 1, 0):
        tell(Observed(done=done, forecast=MANY))
    assert capsys.readouterr().err == (
        "Reading takes at least 175 more requests: 22 min or longer where the API answers 8"
        " requests a minute of each endpoint, as it has been seen to.\n"
    )


def test_nothing_is_said_of_the_demo(capsys: pytest.CaptureFixture[str]) -> None:
    observing(Progress("Reading"), demo=True)(Observed(done=0, forecast=MANY))
    assert capsys.readouterr().err == ""
