"""The archive: what is finished, in a folder or an object store.

| module | does |
|---|---|
| `store` | reads and writes objects, compressed; says in words what the place answered |
| `folder`, `bucket` | the two kinds of places |
| `watch` | whether it can be written, for /readyz |
| `names` | what an object is called: one place for the layout |
| `ledgers` | parts of ledgers: entries as JSON lines, read in the order of the pool's sequence |
| `checkpoints` | what the entries up to a place fold to, with the list of all parts up to there |
| `erasing` | what was said of a person leaves the parts |
| `minutes` | a show's minutes |

Nothing here knows the engine. Ledgers that were read back and folded are taken out of it by `merchant/archive.py`.
"""
