"""One live room in this process: state, conflation, sessions, fan-out."""
