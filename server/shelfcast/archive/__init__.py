"""The archive: what is finished, in a folder or an object store.

| module | does |
|---|---|
| `store` | reads and writes objects, compressed; says in words what the store answered |
| `names` | what an object is called: one place for the layout |

Nothing here knows the engine. Ledgers that were read back and folded are taken out of it by `merchant/archive.py`.
"""
