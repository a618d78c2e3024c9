"""A whole pool that is open in this process, for those who run it: what its socket says, topic by topic.

It is told by the same connections as a room, which are the gateway's; how and when it is told is its own. A room has
thousands of viewers who see the same few SKUs, a pool has a few people who see the whole catalogue.
"""
