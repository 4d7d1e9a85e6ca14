"""The sentences of a brief: each file's rules turn figures into what is worth saying about one thing."""
