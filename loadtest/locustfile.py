"""Locust's entry. With a plan, which `spike.py` writes, it is a run by that plan; without, Locust's user has the word:

    locust -f loadtest/locustfile.py --host https://shop.example --room evening -u 1000 -r 100

against a server that runs already. The users are the same. See README.md.
"""

from __future__ import annotations

import os

from plan import PLAN_VARIABLE

if PLAN_VARIABLE in os.environ:
    from conducted import Buyers, Host, Operator, Shape, Viewers

    __all__ = ["Buyers", "Host", "Operator", "Shape", "Viewers"]
else:
    from visiting import Buyers, Host, Operator, Viewers

    __all__ = ["Buyers", "Host", "Operator", "Viewers"]
