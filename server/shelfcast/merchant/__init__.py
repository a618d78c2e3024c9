"""Use cases: what a merchant's people and programs do with a pool, whoever asks: HTTP, a socket or a duty.

Each is an async function that takes the pool's book and answers with the book's outcome; what a request lacks is
raised as InvalidInput. The rules of a use case stand here once, and nobody above builds operations of the book for it.
Customers' reservations have a fast way of their own, from `room` to the book.
"""
