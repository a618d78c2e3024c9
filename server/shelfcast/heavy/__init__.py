"""Heavy work: what would hold up whoever is served. It is done by a process of its own, one job at a time.

| module | does |
|---|---|
| `runner` | takes jobs of all pools, says how far each is, ends it or leaves it to the next |
| `kind` | what a kind of job is: a name, and how it is done |
| `registry` | the kinds there are, one file each |

A job may be begun again by another process at any time: a kind changes nothing but what doing it twice leaves the same.
"""
