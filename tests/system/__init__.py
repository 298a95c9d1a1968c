"""The service as its users meet it: a process of its own, real sockets, signals, a real disk."""
