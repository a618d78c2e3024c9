"""What crosses a socket: messages, codes and codecs. Pure: no I/O, no clock, no randomness."""
